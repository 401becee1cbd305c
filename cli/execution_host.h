// The worker's side: everything an execution needs, built once per worker process, and each request
// carried out in fresh surroundings.
#pragma once
#include "cli/invocation.h"
#include "cli/test_options.h"
#include "cli/worker_pool.h"

namespace fb::cli {

// To be called in a worker process. The function it returns answers one request after another.
WorkerPool::Serve make_execution_host(const TestOptions& options, const Invocation& invocation);

}  // namespace fb::cli
