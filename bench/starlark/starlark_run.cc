// starlark_run FILE: runs one file of plain Starlark with recursion allowed; for
// bench/starlark/compare.py.
#include "starlark/lib/run_file.h"

#include <cstdio>
#include <fstream>
#include <sstream>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: starlark_run FILE\n");
    return 2;
  }
  fb::starlark::lib::RunOptions options;
  options.dialect.recursion = true;
  options.read_file = [](const std::string& path) -> fb::Result<std::string> {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fb::failed("cannot open '" + path + "'");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  };
  const auto to = [](std::FILE* file) {
    return [file](std::string_view text) { std::fwrite(text.data(), 1, text.size(), file); };
  };
  return fb::starlark::lib::run_file(argv[1], options, to(stdout), to(stderr));
}
