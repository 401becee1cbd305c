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
  tables_.code.clear();
  tables_.lines.clear();
  tables_.constants.clear();
  tables_.names.clear();
  tables_.sites.clear();
  tables_.known_constants.clear();
  tables_.known_names.clear();
  top_ = out_.locals;
  const std::size_t parameters = out_.parameters.size();
  flow_ = Flow(source_.locals.size());
  Few<Symbol> names;
  for (std::size_t i = 0; i < source_.locals.size(); ++i) {
    if (i < parameters) flow_.assign(i);
    names.push_back(shared_.symbol(source_.locals[i]->number, source_.locals[i]->name));
    if (source_.locals[i]->scope == Scope::kCell) emit(Op::kMakeCell, i);
  }
  out_.local_names = shared_.keep(names);
  names.clear();
  Few<FunctionCode::Capture> captures;
  for (const Binding* free : source_.free_variables) {
    names.push_back(shared_.symbol(free->number, free->name));
    captures.push_back({free->scope == Scope::kFree, static_cast<std::uint16_t>(free->index)});
  }
  out_.free_names = shared_.keep(names);
  out_.captures = shared_.keep(captures);
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
  out_.code = shared_.keep(tables_.code);
  out_.lines = shared_.keep(tables_.lines);
  out_.constants = shared_.keep(tables_.constants);
  out_.names = shared_.keep(tables_.names);
  out_.sites = shared_.keep(tables_.sites);
}

}  // namespace compile_detail

namespace {

using namespace compile_detail;  // NOLINT: the second half of one concept

std::string_view keep_text(Shared& shared, std::string_view text) {
  const std::span<char> kept = shared.keep(text);
  return {kept.data(), kept.size()};
}

void describe(const resolve::Function& f, Shared& shared, FunctionCode& out) {
  out.name = keep_text(shared, f.name);
  out.position = f.position;
  out.doc = keep_text(shared, doc_string(f.body));
  out.positional = static_cast<std::uint16_t>(f.positional);
  out.keyword_only = static_cast<std::uint16_t>(f.keyword_only);
  out.has_args = f.has_args;
  out.has_kwargs = f.has_kwargs;
  out.first_default = out.fixed();
  std::uint16_t i = 0;
  Few<Symbol> names;
  Symbol args;
  Symbol kwargs;
  const auto symbol = [&](const Parameter& parameter) {
    return shared.symbol(parameter.name->number, parameter.name->name);
  };
  for (const Parameter& parameter : f.parameters) {
    if (parameter.kind == ParameterKind::kArgs) args = symbol(parameter);
    if (parameter.kind == ParameterKind::kKwargs) kwargs = symbol(parameter);
    if (parameter.kind != ParameterKind::kPlain) continue;
    if (parameter.default_value != nullptr && i < out.first_default) out.first_default = i;
    names.push_back(symbol(parameter));
    ++i;
  }
  if (f.has_args) names.push_back(args);
  if (f.has_kwargs) names.push_back(kwargs);
  out.parameters = shared.keep(names);
}

}  // namespace

std::variant<std::unique_ptr<Program>, Diagnostic> compile(const syntax::File& file,
                                                           const Dialect& dialect) {
  const resolve::Resolution& resolution = *file.resolution;
  auto program = std::make_unique<Program>();
  program->path_ = file.path;
  program->recursion = dialect.recursion;
  for (const Binding* b : resolution.globals) program->globals.emplace_back(b->name);
  program->exported = program->globals.size();
  for (const Binding* b : resolution.file_locals) program->globals.emplace_back(b->name);
  for (std::string_view name : resolution.predeclared) program->predeclared.push_back(Symbol(name));
  Shared shared(*program, file.names.size());
  for (const resolve::Function& f : resolution.functions) {
    FunctionCode& code = program->functions.emplace_back();
    code.program = program.get();
    describe(f, shared, code);
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
