#include "starlark/eval/function_compiler.h"
#include "starlark/eval/numbers.h"
#include "starlark/eval/text.h"

#include <algorithm>
#include <climits>
#include <fmt/format.h>

namespace fb::starlark::compile_detail {

std::size_t FunctionCompiler::string_constant(std::string_view text) {
  // Short strings become Symbols: equal ones are one object everywhere.
  return constant(text.size() <= 64 ? Symbol(text).value()
                                    : shared_.program.constants.string(text));
}

std::size_t FunctionCompiler::literal(const Expr& e) {
  Heap& heap = shared_.program.constants;
  if (const auto* s = e.as<StringExpr>()) return string_constant(s->value);
  if (const auto* b = e.as<BytesExpr>()) return constant(heap.bytes(b->value));
  if (const auto* f = e.as<FloatExpr>()) return constant(heap.number(f->value));
  const auto& i = *e.as<IntExpr>();
  if (!i.small) {
    std::string_view digits = i.digits;
    int base = 10;
    if (digits.size() > 2 && digits[0] == '0') {
      const char letter = static_cast<char>(digits[1] | 0x20);
      base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
      if (base != 10) digits.remove_prefix(2);
    }
    return constant(*parse_int(heap, digits, base));
  }
  return constant(heap.integer(i.value));
}

std::size_t FunctionCompiler::name(const DotExpr& dot) {
  if (const std::size_t* known = tables_.known_names.find(dot.number)) return *known;
  const std::size_t at = tables_.names.size();
  if (at >= 0xFFFF) fail(position_, "too many attribute names in one function");
  tables_.names.push_back(shared_.symbol(dot.number, dot.name));
  tables_.known_names.add(dot.number, at);
  return at;
}

Operand FunctionCompiler::operand(const Expr& e) {
  if (is_literal(e)) {
    const std::size_t at_index = literal(e);
    if (at_index < kConstantBit) return static_cast<Operand>(at_index | kConstantBit);
    const Reg reg = temp();
    emit_bx(Op::kLoadConstant, reg, static_cast<std::int64_t>(at_index));
    return reg;
  }
  if (e.kind == ExprKind::kParen) return operand(*e.as<ParenExpr>()->inner);
  if (const auto* id = e.as<IdentExpr>()) {
    if (plain_local(*id->binding)) {
      check_local(*id);
      return static_cast<Operand>(id->binding->index);
    }
  }
  return in_temp(e);
}

Reg FunctionCompiler::in_register(const Expr& e) {
  const Operand o = operand(e);
  if ((o & kConstantBit) == 0) return o;
  const Reg reg = temp();
  emit_bx(Op::kLoadConstant, reg, o & ~kConstantBit);
  return reg;
}

void FunctionCompiler::ident(const IdentExpr& e, Reg dest) {
  const Binding& b = *e.binding;
  at(e.span.start);
  switch (b.scope) {
    case Scope::kLocal:
      check_local(e);
      if (b.index != dest) emit(Op::kMove, dest, b.index);
      return;
    case Scope::kCell:
      emit(Op::kGetCell, dest, b.index);
      return;
    case Scope::kFree:
      emit_bx(Op::kGetFree, dest, b.index);
      return;
    case Scope::kGlobal:
      emit_bx(Op::kGetGlobal, dest, b.index);
      return;
    case Scope::kFileLocal:
      emit_bx(Op::kGetGlobal, dest, static_cast<std::int64_t>(b.index + shared_.program.exported));
      return;
    case Scope::kPredeclared:
      emit_bx(Op::kGetPredeclared, dest, b.index);
      return;
    case Scope::kUndefined:
      fail(e.span.start, fmt::format("undefined: {}", e.name));
      return;
  }
}

void FunctionCompiler::to(const Expr& e, Reg dest) {
  if (left_operand(e) == nullptr) return leaf_to(e, dest);
  spine_to(e, dest);
}

void FunctionCompiler::move_to(Reg dest, Operand from) {
  if ((from & kConstantBit) != 0) {
    emit_bx(Op::kLoadConstant, dest, from & ~kConstantBit);
  } else if (from != dest) {
    emit(Op::kMove, dest, from);
  }
}

// Calls, operators, subscripts: from the innermost left operand outward, in a loop, so that a chain
// of any length needs no recursion. Between the links the value sits in one accumulator register.
void FunctionCompiler::spine_to(const Expr& outermost, Reg dest) {
  Few<const Expr*> spine;
  for (const Expr* e = &outermost; e != nullptr; e = left_operand(*e)) spine.push_back(e);
  const Mark mark(*this);
  const Reg accumulator = temp();
  const Expr& innermost = unparenthesized(*spine.back());
  Operand left = accumulator;
  const auto* id = innermost.as<IdentExpr>();
  if (is_literal(innermost) || (id != nullptr && plain_local(*id->binding))) {
    left = operand(innermost);
  } else {
    to(innermost, accumulator);
  }
  for (std::size_t i = spine.size() - 1; i-- > 0;) {
    const auto* dot = spine[i]->as<DotExpr>();
    if (dot != nullptr && i > 0 && spine[i - 1]->kind == ExprKind::kCall) {
      // `x.f(...)`: the method is looked up without making a bound one.
      top_ = accumulator + std::size_t{1};
      temp();
      at(dot->dot);
      emit(Op::kMethod, accumulator, left, name(*dot));
      --i;
      call(*spine[i]->as<CallExpr>(), accumulator);
      if (i == 0) take_to(dest, accumulator);
    } else {
      top_ = accumulator + std::size_t{1};
      link(*spine[i], left, i == 0 ? dest : accumulator, accumulator);
    }
    left = accumulator;
  }
}

void FunctionCompiler::link(const Expr& e, Operand left, Reg result, Reg accumulator) {
  if (const auto* node = e.as<BinaryExpr>()) return binary(*node, left, result, accumulator);
  if (const auto* dot = e.as<DotExpr>()) {
    at(dot->dot);
    emit(Op::kAttribute, result, left, name(*dot));
    return;
  }
  if (const auto* node = e.as<IndexExpr>()) {
    const Operand index = operand(*node->index);
    at(node->bracket);
    emit(Op::kIndex, result, left, index);
    return;
  }
  if (const auto* node = e.as<SliceExpr>()) return slice(*node, left, result);
  const auto& node = *e.as<CallExpr>();
  temp();  // the pair of a call
  move_to(accumulator, left);
  emit(Op::kClear, accumulator + 1);
  call(node, accumulator);
  take_to(result, accumulator);
}

void FunctionCompiler::binary(const BinaryExpr& e, Operand left, Reg result, Reg accumulator) {
  if (e.op == Token::kAnd || e.op == Token::kOr) {
    move_to(accumulator, left);
    const std::size_t done =
        emit_bx(e.op == Token::kAnd ? Op::kJumpFalse : Op::kJumpTrue, accumulator, 0);
    to(*e.right, accumulator);
    patch(done);
    return take_to(result, accumulator);
  }
  const Operand right = operand(*e.right);
  at(e.op_position);
  if (const int offset = comparison(e.op); offset >= 0) {
    emit(op_plus(Op::kEqual, offset), result, left, right);
  } else {
    emit(op_plus(Op::kAdd, static_cast<int>(*arithmetic(e.op))), result, left, right);
  }
}

// The bounds stand in three registers in a row; None for what is not given.
void FunctionCompiler::slice(const SliceExpr& e, Operand left, Reg result) {
  if (position_ == Position{} || is_literal(unparenthesized(*e.object))) at(e.bracket);
  Reg object = left;
  if ((left & kConstantBit) != 0) {
    object = temp();
    move_to(object, left);
  }
  Reg first = 0;
  for (const Expr* bound : {e.low, e.high, e.step}) {
    const Reg reg = temp();
    if (bound == e.low && first == 0) first = reg;
    if (bound != nullptr) {
      to(*bound, reg);
    } else {
      emit(Op::kLoadNone, reg);
    }
  }
  emit(Op::kSlice, result, object, first);
}

// The callee is in `base` and `base + 1`; the result goes to `base`.
void FunctionCompiler::call(const CallExpr& e, Reg base) {
  top_ = base + std::size_t{2};
  CallSite site;
  Few<Symbol> names;
  Few<std::pair<std::uint32_t, std::uint32_t>> spans;
  for (const Argument& argument : e.arguments) {
    const Reg reg = temp();
    to(*argument.value, reg);
    top_ = reg + std::size_t{1};
    switch (argument.kind) {
      case ArgumentKind::kPositional:
        ++site.positional;
        break;
      case ArgumentKind::kNamed:
        names.push_back(shared_.symbol(argument.number, argument.name));
        break;
      case ArgumentKind::kStar:
        site.star = true;
        break;
      case ArgumentKind::kStarStar:
        site.star_star = true;
        break;
    }
    if (argument.kind == ArgumentKind::kPositional || argument.kind == ArgumentKind::kNamed) {
      spans.emplace_back(argument.value->span.begin_offset, argument.value->span.end_offset);
    }
  }
  at(e.paren);
  const bool more = !names.empty() || site.star || site.star_star;
  const std::size_t positional = site.positional | (more ? std::size_t{kKeywordsBit} : 0);
  std::size_t number = kNoSite;
  if (tables_.sites.size() < kNoSite) {
    number = tables_.sites.size();
    site.names = shared_.keep(names);
    site.spans = shared_.keep(spans);
    site.slots = shared_.keep(Few<std::uint16_t>(names.size()));
    tables_.sites.push_back(site);
  } else if (more) {
    fail(e.paren, "too many calls in one function");
  }
  emit(Op::kCall, base, positional, number);
}

// Expressions without a left operand.
void FunctionCompiler::leaf_to(const Expr& e, Reg dest) {
  switch (e.kind) {
    case ExprKind::kIdent:
      return ident(*e.as<IdentExpr>(), dest);
    case ExprKind::kInt:
      if (const auto& i = *e.as<IntExpr>();
          i.small && i.value >= INT32_MIN && i.value <= INT32_MAX) {
        emit_bx(Op::kLoadInt, dest, i.value);
        return;
      }
      [[fallthrough]];
    case ExprKind::kString:
    case ExprKind::kBytes:
    case ExprKind::kFloat:
      emit_bx(Op::kLoadConstant, dest, static_cast<std::int64_t>(literal(e)));
      return;
    case ExprKind::kParen:
      return to(*e.as<ParenExpr>()->inner, dest);
    case ExprKind::kList:
      return display(e.as<ListExpr>()->items, dest, false);
    case ExprKind::kTuple:
      return display(e.as<TupleExpr>()->items, dest, true);
    case ExprKind::kDict: {
      const Mark mark(*this);
      const Reg dict = temp();  // not `dest`: the entries may read it
      emit(Op::kMakeDict, dict, std::min<std::size_t>(e.as<DictExpr>()->entries.size(), 0xFFFF));
      for (const DictEntry& entry : e.as<DictExpr>()->entries) {
        const Mark entry_mark(*this);
        const Operand key = operand(*entry.key);
        const Operand value = operand(*entry.value);
        at(entry.colon);
        emit(Op::kDictUnique, dict, key, value);
      }
      return take_to(dest, dict);
    }
    case ExprKind::kUnary: {
      const auto& node = *e.as<UnaryExpr>();
      const Mark mark(*this);
      const Operand x = operand(*node.operand);
      at(node.span.start);
      emit(node.op == Token::kNot     ? Op::kNot
           : node.op == Token::kMinus ? Op::kNegate
           : node.op == Token::kPlus  ? Op::kPlus
                                      : Op::kInvert,
           dest, x);
      return;
    }
    case ExprKind::kConditional: {
      const auto& node = *e.as<ConditionalExpr>();
      Jumps otherwise;
      condition(*node.condition, false, otherwise);
      to(*node.when_true, dest);
      const std::size_t done = emit_bx(Op::kJump, 0, 0);
      patch_all(otherwise);
      to(*node.when_false, dest);
      patch(done);
      return;
    }
    case ExprKind::kLambda:
      return make_function(*e.as<LambdaExpr>()->function, dest);
    case ExprKind::kComprehension:
      return comprehension(*e.as<ComprehensionExpr>(), dest);
    case ExprKind::kCall:
    case ExprKind::kDot:
    case ExprKind::kIndex:
    case ExprKind::kSlice:
    case ExprKind::kBinary:
      return spine_to(e, dest);
  }
}

void FunctionCompiler::display(std::span<Expr*> items, Reg dest, bool tuple) {
  const Mark mark(*this);
  const std::size_t first = top_;
  if (items.size() <= kDisplayInRegisters) {
    for (const Expr* item : items) {
      const Reg reg = temp();
      to(*item, reg);
      top_ = reg + std::size_t{1};
    }
    emit(tuple ? Op::kMakeTuple : Op::kMakeList, dest, first, items.size());
    return;
  }
  const Reg list = temp();
  emit(Op::kMakeList, list, first, 0);
  for (const Expr* item : items) {
    const Mark item_mark(*this);
    emit(Op::kAppend, list, operand(*item));
  }
  if (tuple) emit(Op::kListToTuple, list);
  take_to(dest, list);
}

void FunctionCompiler::comprehension(const ComprehensionExpr& e, Reg dest) {
  const Mark mark(*this);
  const Reg result = temp();
  emit(e.is_dict ? Op::kMakeDict : Op::kMakeList, result, 0, 0);
  clauses(e, 0, result);
  take_to(dest, result);
}

void FunctionCompiler::clauses(const ComprehensionExpr& e, std::size_t i, Reg result) {
  const Mark mark(*this);
  if (i == e.clauses.size()) {
    const Operand element = operand(*e.element);
    if (e.is_dict) {
      const Operand value = operand(*e.value);
      at(e.colon);
      emit(Op::kDictSet, result, element, value);
    } else {
      emit(Op::kAppend, result, element);
    }
    return;
  }
  const Clause& clause = e.clauses[i];
  if (!clause.is_for) {
    Jumps skip;
    condition(*clause.value, false, skip);
    clauses(e, i + 1, result);
    return patch_all(skip);
  }
  const Reg iterator = temp();
  {
    const Mark iterable_mark(*this);
    const Operand iterable = operand(*clause.value);
    at(clause.position);
    emit(Op::kIterate, iterator, iterable);
  }
  const std::size_t start = here();
  const std::size_t exit = next_item(iterator, *clause.target, clause.position);
  clauses(e, i + 1, result);
  loop_to(start);
  patch(exit);
}

// Fetches the next item into the loop variables; returns the jump that leaves the loop.
std::size_t FunctionCompiler::next_item(Reg iterator, const Expr& target, Position where) {
  const Mark mark(*this);
  const auto* id = unparenthesized(target).as<IdentExpr>();
  const bool direct = id != nullptr && plain_local(*id->binding);
  const Reg item = direct ? static_cast<Reg>(id->binding->index) : temp();
  at(where);
  emit(Op::kNext, iterator, item);
  const std::size_t exit = emit_bx(Op::kJump, 0, 0);
  if (direct) {
    mark_assigned(*id->binding);
  } else {
    store(target, item, where);
  }
  return exit;
}

void FunctionCompiler::make_function(const resolve::Function& f, Reg dest) {
  const Mark mark(*this);
  const std::size_t index = f.index;
  FunctionCode& code = shared_.program.functions[index];
  const std::size_t first = top_;
  temp();
  top_ = first;
  Few<const Parameter*> plain;
  for (const Parameter& parameter : f.parameters) {
    if (parameter.kind == ParameterKind::kPlain) plain.push_back(&parameter);
  }
  for (std::size_t i = code.first_default; i < plain.size(); ++i) {
    const Reg reg = temp();
    if (plain[i]->default_value != nullptr) {
      to(*plain[i]->default_value, reg);
      top_ = reg + std::size_t{1};
    } else {
      emit(Op::kClear, reg);
    }
  }
  emit_bx(Op::kMakeFunction, first, static_cast<std::int64_t>(index));
  take_to(dest, static_cast<Reg>(first));
}

// Jumps when the truth of `e` is `jump_if`, else falls through.
void FunctionCompiler::condition(const Expr& parenthesized, bool jump_if, Jumps& jumps) {
  const Expr& e = unparenthesized(parenthesized);
  const Mark mark(*this);
  if (const auto* unary = e.as<UnaryExpr>(); unary != nullptr && unary->op == Token::kNot) {
    return condition(*unary->operand, !jump_if, jumps);
  }
  if (const auto* node = e.as<BinaryExpr>()) {
    if (node->op == Token::kAnd || node->op == Token::kOr) {
      Few<const Expr*> operands{node->right};
      const Expr* left = node->left;
      for (const auto* more = left->as<BinaryExpr>(); more != nullptr && more->op == node->op;
           more = left->as<BinaryExpr>()) {
        operands.push_back(more->right);
        left = more->left;
      }
      operands.push_back(left);
      const bool stops_at = node->op == Token::kOr;  // the truth that settles it early
      Jumps settled;
      for (std::size_t i = operands.size(); i-- > 0;) {
        if (i == 0) {
          condition(*operands[i], jump_if, jumps);
        } else {
          condition(*operands[i], stops_at, stops_at == jump_if ? jumps : settled);
        }
      }
      return patch_all(settled);
    }
    const int offset = comparison(node->op);
    if (offset >= 0 || node->op == Token::kIn || node->op == Token::kNotIn) {
      const Operand left = operand(*node->left);
      const Operand right = operand(*node->right);
      at(node->op_position);
      const Op op = offset >= 0              ? op_plus(Op::kIfEqual, offset)
                    : node->op == Token::kIn ? Op::kIfIn
                                             : Op::kIfNotIn;
      emit(op, jump_if ? 1 : 0, left, right);
      jumps.push_back(emit_bx(Op::kJump, 0, 0));
      return;
    }
  }
  const Reg value = in_register(e);
  jumps.push_back(emit_bx(jump_if ? Op::kJumpTrue : Op::kJumpFalse, value, 0));
}

}  // namespace fb::starlark::compile_detail
