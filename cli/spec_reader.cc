#include "cli/spec_reader.h"

#include "interpose/seccomp/filter.h"

namespace fb::cli {

SpecReader::SpecReader() : catalog_([] { return Instant{}; }) {}  // loading makes no step

spec::Spec::Loaded SpecReader::load(const std::string& path, Print print) {
  return spec::Spec::load(
      {.path = path,
       .files = files_,
       .clients = catalog_,
       .cache = cache_,
       .syscall_exists = [](SyscallId call) { return number_of_syscall(call).has_value(); },
       .print = std::move(print)});
}

}  // namespace fb::cli
