#include "starlark/eval/function_compiler.h"

namespace fb::starlark::compile_detail {

void FunctionCompiler::store_name(const IdentExpr& e, Reg value) {
  const Binding& b = *e.binding;
  switch (b.scope) {
    case Scope::kLocal:
      if (b.index != value) emit(Op::kMove, b.index, value);
      mark_assigned(b);
      return;
    case Scope::kCell:
      emit(Op::kSetCell, b.index, value);
      return;
    case Scope::kGlobal:
      emit_bx(Op::kSetGlobal, value, b.index);
      return;
    case Scope::kFileLocal:
      emit_bx(Op::kSetGlobal, value, static_cast<std::int64_t>(b.index + shared_.program.exported));
      return;
    case Scope::kFree:
    case Scope::kPredeclared:
    case Scope::kUndefined:
      fail(e.span.start, "internal error: assignment to a free name");
      return;
  }
}

void FunctionCompiler::store(const Expr& parenthesized, Reg value, Position where) {
  const Expr& target = unparenthesized(parenthesized);
  const Mark mark(*this);
  if (const auto* id = target.as<IdentExpr>()) return store_name(*id, value);
  if (const auto* node = target.as<IndexExpr>()) {
    const Operand object = operand(*node->object);
    const Operand index = operand(*node->index);
    at(node->bracket);
    emit(Op::kSetIndex, object, index, value);
    return;
  }
  if (const auto* dot = target.as<DotExpr>()) {
    const Operand object = operand(*dot->object);
    at(dot->dot);
    emit(Op::kSetAttribute, object, value, name(*dot));
    return;
  }
  std::span<Expr*> items;
  if (const auto* tuple = target.as<TupleExpr>()) items = tuple->items;
  if (const auto* list = target.as<ListExpr>()) items = list->items;
  const std::size_t first = top_;
  for (std::size_t i = 0; i < items.size(); ++i) temp();
  at(where);
  emit(Op::kUnpack, value, first, items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    store(*items[i], static_cast<Reg>(first + i), where);
  }
}

void FunctionCompiler::statement(const Stmt& s) {
  const Mark mark(*this);
  switch (s.kind) {
    case StmtKind::kExpression: {
      const Expr& e = *s.as<ExprStmt>()->value;
      if (!is_literal(e)) in_temp(e);  // a literal alone is a doc string or a comment
      return;
    }
    case StmtKind::kAssign:
      return s.as<AssignStmt>()->augmented ? augmented_assign(*s.as<AssignStmt>())
                                           : assign(*s.as<AssignStmt>());
    case StmtKind::kDef: {
      const auto& def = *s.as<DefStmt>();
      const Reg reg = temp();
      make_function(*def.function, reg);
      return store_name(*def.name, reg);
    }
    case StmtKind::kIf:
      return if_statement(*s.as<IfStmt>());
    case StmtKind::kFor:
      return for_statement(*s.as<ForStmt>());
    case StmtKind::kWhile:
      return while_statement(*s.as<WhileStmt>());
    case StmtKind::kReturn: {
      const Expr* value = s.as<ReturnStmt>()->value;
      if (value != nullptr) {
        emit(Op::kReturn, operand(*value));
      } else {
        const Reg reg = temp();
        emit(Op::kLoadNone, reg);
        emit(Op::kReturn, reg);
      }
      flow_.dead = true;
      return;
    }
    case StmtKind::kBranch: {
      const Token token = s.as<BranchStmt>()->token;
      if (token == Token::kPass) return;
      if (loops_.empty()) return fail(s.span.start, "internal error: branch outside a loop");
      (token == Token::kBreak ? loops_.back()->breaks : loops_.back()->continues)
          .push_back(emit_bx(Op::kJump, 0, 0));
      flow_.dead = true;
      return;
    }
    case StmtKind::kLoad:
      return load(*s.as<LoadStmt>());
  }
}

void FunctionCompiler::assign(const AssignStmt& s) {
  const Expr& target = unparenthesized(*s.target);
  if (const auto* id = target.as<IdentExpr>(); id != nullptr && plain_local(*id->binding)) {
    to(*s.value, static_cast<Reg>(id->binding->index));
    return mark_assigned(*id->binding);
  }
  // a, b = x, y needs no tuple.
  const auto* targets = target.as<TupleExpr>();
  const auto* values = unparenthesized(*s.value).as<TupleExpr>();
  if (targets != nullptr && values != nullptr && targets->items.size() == values->items.size() &&
      values->items.size() <= kDisplayInRegisters) {
    const std::size_t first = top_;
    for (const Expr* value : values->items) {
      const Reg reg = temp();
      to(*value, reg);
      top_ = reg + std::size_t{1};
    }
    for (std::size_t i = 0; i < targets->items.size(); ++i) {
      store(*targets->items[i], static_cast<Reg>(first + i), s.op_position);
    }
    return;
  }
  store(target, in_register(*s.value), s.op_position);
}

void FunctionCompiler::augmented_assign(const AssignStmt& s) {
  const auto in_place = [&](Reg result, Operand left, Operand right) {
    at(s.op_position);
    Op op = op_plus(Op::kAdd, static_cast<int>(*arithmetic(s.op)));
    if (s.op == Token::kPlus) op = Op::kAddInPlace;
    if (s.op == Token::kPipe) op = Op::kOrInPlace;
    if (s.op == Token::kAmp) op = Op::kAndInPlace;
    if (s.op == Token::kCaret) op = Op::kXorInPlace;
    emit(op, result, left, right);
  };
  const Expr& target = unparenthesized(*s.target);
  if (const auto* id = target.as<IdentExpr>()) {
    if (plain_local(*id->binding)) {
      const auto reg = static_cast<Reg>(id->binding->index);
      check_local(*id);
      in_place(reg, reg, operand(*s.value));
      return mark_assigned(*id->binding);
    }
    const Reg value = in_temp(*id);
    in_place(value, value, operand(*s.value));
    return store_name(*id, value);
  }
  if (const auto* node = target.as<IndexExpr>()) {
    const Operand object = operand(*node->object);
    const Operand index = operand(*node->index);
    const Reg value = temp();
    at(node->bracket);
    emit(Op::kIndex, value, object, index);
    in_place(value, value, operand(*s.value));
    at(node->bracket);
    emit(Op::kSetIndex, object, index, value);
    return;
  }
  const auto& dot = *target.as<DotExpr>();
  const Operand object = operand(*dot.object);
  const Reg value = temp();
  at(dot.dot);
  emit(Op::kAttribute, value, object, name(dot));
  in_place(value, value, operand(*s.value));
  at(dot.dot);
  emit(Op::kSetAttribute, object, value, name(dot));
}

void FunctionCompiler::if_statement(const IfStmt& s) {
  Jumps ends;
  Flow after(source_.locals.size());
  after.dead = true;
  bool has_else = false;
  for (std::size_t i = 0; i < s.clauses.size(); ++i) {
    const IfClause& clause = s.clauses[i];
    Jumps otherwise;
    if (clause.condition != nullptr) {
      condition(*clause.condition, false, otherwise);
    } else {
      has_else = true;
    }
    const Flow before = flow_;
    block(clause.body);
    after.meet(flow_);
    if (i + 1 < s.clauses.size()) ends.push_back(emit_bx(Op::kJump, 0, 0));
    patch_all(otherwise);
    flow_ = before;
  }
  if (!has_else) after.meet(flow_);
  flow_ = std::move(after);
  patch_all(ends);
}

void FunctionCompiler::for_statement(const ForStmt& s) {
  const Reg iterator = temp();
  {
    const Mark mark(*this);
    const Operand iterable = operand(*s.iterable);
    at(s.span.start);
    emit(Op::kIterate, iterator, iterable);
  }
  const Flow before = flow_;
  const std::size_t start = here();
  const std::size_t exit = next_item(iterator, *s.target, s.span.start);
  Loop loop;
  loops_.push_back(&loop);
  block(s.body);
  loops_.pop_back();
  patch_all(loop.continues);
  loop_to(start);
  if (!loop.breaks.empty()) {
    patch_all(loop.breaks);
    emit(Op::kClear, iterator);  // gives the iteration lock back
  }
  patch(exit);
  flow_ = before;
}

void FunctionCompiler::while_statement(const WhileStmt& s) {
  const std::size_t start = here();
  Jumps exits;
  condition(*s.condition, false, exits);
  const Flow before = flow_;
  Loop loop;
  loops_.push_back(&loop);
  block(s.body);
  loops_.pop_back();
  patch_all(loop.continues);
  loop_to(start);
  patch_all(exits);
  patch_all(loop.breaks);
  flow_ = before;
}

void FunctionCompiler::load(const LoadStmt& s) {
  LoadSite site;
  site.module = std::string(s.module->value);
  for (const LoadedName& loaded : s.names) {
    const Binding& b = *loaded.local->binding;
    const std::size_t slot =
        b.scope == Scope::kGlobal ? b.index : b.index + shared_.program.exported;
    site.names.push_back({Symbol(loaded.original), static_cast<std::uint32_t>(slot)});
  }
  at(s.span.start);
  emit_bx(Op::kLoad, 0, static_cast<std::int64_t>(shared_.program.loads.size()));
  shared_.program.loads.push_back(std::move(site));
}

}  // namespace fb::starlark::compile_detail
