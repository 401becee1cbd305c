// The worker's side: everything an execution needs, built once per worker process, and each request
// carried out in fresh surroundings.
#pragma once
#include "cli/invocation.h"
#include "cli/test_options.h"
#include "cli/worker_pool.h"

#include <string>

namespace fb::cli {

// Where run files go: XDG_RUNTIME_DIR, TMPDIR or /tmp.
std::string temporary_directory(const Invocation& invocation);

// Why executions would share the host's network, and so must follow one another; empty if they
// would not. Tried out in a process of its own.
std::string shared_network_why(const TestOptions& options);

// To be called in a worker process. The function it returns answers one request after another.
WorkerPool::Serve make_execution_host(const TestOptions& options, const Invocation& invocation);

}  // namespace fb::cli
