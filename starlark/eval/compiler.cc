#include "starlark/eval/compiler.h"

#include "starlark/eval/entry_position.h"
#include "starlark/eval/function_compiler.h"
#include "starlark/resolve/resolver.h"

#include <optional>

namespace fb::starlark {
namespace compile_detail {

void FunctionCompiler::run() {
  if (source_.locals.size() >= kMaxRegisters) {
    return fail(source_.position, "too many local variables in one function");
  }
  out_.locals = static_cast<std::uint16_t>(source_.locals.size());
  out_.registers = out_.locals;
  top_ = out_.locals;
  const std::size_t parameters = out_.parameters.size();
  flow_.assigned.assign(source_.locals.size(), false);
  for (std::size_t i = 0; i < source_.locals.size(); ++i) {
    if (i < parameters) flow_.assigned[i] = true;
    out_.local_names.emplace_back(source_.locals[i]->name);
    if (source_.locals[i]->scope == Scope::kCell) emit(Op::kMakeCell, i);
  }
  for (const Binding* free : source_.free_variables) {
    out_.free_names.emplace_back(free->name);
    out_.captures.push_back({free->scope == Scope::kFree, static_cast<std::uint16_t>(free->index)});
  }
  out_.entry_position = entry_position(source_);
  if (source_.result != nullptr) {
    const Mark mark(*this);
    emit(Op::kReturn, operand(*source_.result));
  } else {
    block(source_.body);
    const Reg none = temp();
    emit(Op::kLoadNone, none);
    emit(Op::kReturn, none);
  }
}

}  // namespace compile_detail

namespace {

using namespace compile_detail;  // NOLINT: the second half of one concept

void describe(const resolve::Function& f, FunctionCode& out) {
  out.name = std::string(f.name);
  out.position = f.position;
  out.doc = std::string(doc_string(f.body));
  out.positional = static_cast<std::uint16_t>(f.positional);
  out.keyword_only = static_cast<std::uint16_t>(f.keyword_only);
  out.has_args = f.has_args;
  out.has_kwargs = f.has_kwargs;
  out.first_default = out.fixed();
  std::uint16_t i = 0;
  std::string_view args, kwargs;
  for (const Parameter& parameter : f.parameters) {
    if (parameter.kind == ParameterKind::kArgs) args = parameter.name->name;
    if (parameter.kind == ParameterKind::kKwargs) kwargs = parameter.name->name;
    if (parameter.kind != ParameterKind::kPlain) continue;
    if (parameter.default_value != nullptr && i < out.first_default) out.first_default = i;
    out.parameters.push_back(Symbol(parameter.name->name));
    ++i;
  }
  if (f.has_args) out.parameters.push_back(Symbol(args));
  if (f.has_kwargs) out.parameters.push_back(Symbol(kwargs));
}

}  // namespace

std::variant<std::unique_ptr<Program>, Diagnostic> compile(const syntax::File& file,
                                                           const Dialect& dialect) {
  const resolve::Resolution& resolution = *file.resolution;
  auto program = std::make_unique<Program>();
  program->path_ = file.path;
  program->source_ = file.source;
  program->recursion = dialect.recursion;
  for (const Binding* b : resolution.globals) program->globals.emplace_back(b->name);
  program->exported = program->globals.size();
  for (const Binding* b : resolution.file_locals) program->globals.emplace_back(b->name);
  for (std::string_view name : resolution.predeclared) program->predeclared.push_back(Symbol(name));
  Shared shared{*program, {}, std::nullopt};
  for (const resolve::Function& f : resolution.functions) {
    shared.function_index.emplace(&f, program->functions.size());
    FunctionCode& code = program->functions.emplace_back();
    code.program = program.get();
    describe(f, code);
  }
  std::size_t i = 0;
  for (const resolve::Function& f : resolution.functions) {
    FunctionCompiler(shared, f, program->functions[i]).run();
    ++i;
  }
  if (shared.error) return *std::move(shared.error);
  return program;
}

// The last entry at or before pc; the first one for what comes before it.
Position FunctionCode::position_at(const Instruction* pc) const {
  if (lines.empty()) return position;
  const auto number = static_cast<std::uint32_t>(pc - code.data());
  std::size_t low = 0;
  std::size_t high = lines.size();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (lines[middle].pc <= number ? low : high) = middle;
  }
  return lines[low].position;
}

}  // namespace fb::starlark
