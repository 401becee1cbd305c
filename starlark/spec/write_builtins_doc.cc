// Prints docs/builtins.md.
#include "starlark/spec/builtins_doc.h"

#include <cstdio>

int main() {
  std::fputs(fb::spec::builtins_document().c_str(), stdout);
}
