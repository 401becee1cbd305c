#include "starlark/eval/entry_position.h"

#include "starlark/syntax/ast.h"

#include <optional>

namespace fb::starlark {
namespace {

using namespace syntax;  // NOLINT

// The position of what the expression does first; nothing if that is no name and no operation.
Position first_of(const Expr& expression) {
  const Expr* e = &expression;
  Position slice;
  while (true) {
    if (const Expr* left = left_operand(*e)) {
      if (const auto* s = e->as<SliceExpr>()) slice = s->bracket;
      e = left;
    } else if (const auto* paren = e->as<ParenExpr>()) {
      e = paren->inner;
    } else if (const auto* conditional = e->as<ConditionalExpr>()) {
      e = conditional->condition;
    } else if (const auto* unary = e->as<UnaryExpr>()) {
      e = unary->operand;
    } else if (const auto* list = e->as<ListExpr>(); list != nullptr && !list->items.empty()) {
      e = list->items[0];
    } else if (const auto* tuple = e->as<TupleExpr>(); tuple != nullptr && !tuple->items.empty()) {
      e = tuple->items[0];
    } else {
      break;
    }
  }
  if (const auto* id = e->as<IdentExpr>()) {
    if (id->binding != nullptr && id->binding->scope != resolve::Scope::kPredeclared) {
      return id->span.start;
    }
  }
  return slice;
}

// Of a statement: nothing when it does nothing at all.
std::optional<Position> first_of(const Stmt& s) {
  switch (s.kind) {
    case StmtKind::kExpression: {
      const Expr& e = *s.as<ExprStmt>()->value;
      const bool literal = e.kind == ExprKind::kString || e.kind == ExprKind::kInt ||
                           e.kind == ExprKind::kFloat || e.kind == ExprKind::kBytes;
      if (literal) return std::nullopt;
      return first_of(e);
    }
    case StmtKind::kAssign: {
      const auto& assign = *s.as<AssignStmt>();
      return first_of(assign.augmented ? *assign.target : *assign.value);
    }
    case StmtKind::kDef:
      for (const Parameter& parameter : s.as<DefStmt>()->parameters) {
        if (parameter.default_value != nullptr) return first_of(*parameter.default_value);
      }
      return Position{};
    case StmtKind::kIf:
      return first_of(*s.as<IfStmt>()->clauses[0].condition);
    case StmtKind::kFor:
      return first_of(*s.as<ForStmt>()->iterable);
    case StmtKind::kWhile:
      return first_of(*s.as<WhileStmt>()->condition);
    case StmtKind::kReturn:
      return s.as<ReturnStmt>()->value == nullptr ? Position{}
                                                  : first_of(*s.as<ReturnStmt>()->value);
    case StmtKind::kBranch:
      if (s.as<BranchStmt>()->token == Token::kPass) return std::nullopt;
      return Position{};
    case StmtKind::kLoad:
      return s.span.start;
  }
  return std::nullopt;
}

}  // namespace

Position entry_position(const resolve::Function& function) {
  Position found;
  if (function.result != nullptr) {
    found = first_of(*function.result);
  } else {
    for (const Stmt* s : function.body) {
      if (const auto first = first_of(*s)) {
        found = *first;
        break;
      }
    }
  }
  return found.known() ? found : function.position;
}

}  // namespace fb::starlark
