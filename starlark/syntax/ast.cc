#include "starlark/syntax/ast.h"

#include "starlark/syntax/unicode.h"

#include <utility>
#include <vector>

namespace fb::starlark::syntax {

Position File::end_of(const Span& span) const {
  Position at = span.start;
  const std::string_view written = text(span);
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char c = written[i];
    const bool line_end = c == '\n' || (c == '\r' && !written.substr(i + 1).starts_with('\n'));
    if (line_end) {
      at = {at.line + 1, 1};
    } else if (c != '\r') {
      i += unicode::decode(written.substr(i)).size - std::size_t{1};
      ++at.column;
    }
  }
  return at;
}

namespace {

void walk_optional(const Expr* e, const ExprVisitor& visit) {
  if (e != nullptr) walk(*e, visit);
}

void walk_parameters(std::span<const Parameter> parameters, const ExprVisitor& visit) {
  for (const Parameter& parameter : parameters) walk_optional(parameter.default_value, visit);
}

// The children of a node but its left operand.
void walk_rest(const Expr& e, const ExprVisitor& visit) {
  switch (e.kind) {
    case ExprKind::kIdent:
    case ExprKind::kString:
    case ExprKind::kBytes:
    case ExprKind::kInt:
    case ExprKind::kFloat:
    case ExprKind::kDot:
      return;
    case ExprKind::kList:
      for (const Expr* item : e.as<ListExpr>()->items) walk(*item, visit);
      return;
    case ExprKind::kTuple:
      for (const Expr* item : e.as<TupleExpr>()->items) walk(*item, visit);
      return;
    case ExprKind::kDict:
      for (const DictEntry& entry : e.as<DictExpr>()->entries) {
        walk(*entry.key, visit);
        walk(*entry.value, visit);
      }
      return;
    case ExprKind::kCall:
      for (const Argument& argument : e.as<CallExpr>()->arguments) walk(*argument.value, visit);
      return;
    case ExprKind::kIndex:
      return walk(*e.as<IndexExpr>()->index, visit);
    case ExprKind::kSlice:
      walk_optional(e.as<SliceExpr>()->low, visit);
      walk_optional(e.as<SliceExpr>()->high, visit);
      return walk_optional(e.as<SliceExpr>()->step, visit);
    case ExprKind::kUnary:
      return walk(*e.as<UnaryExpr>()->operand, visit);
    case ExprKind::kBinary:
      return walk(*e.as<BinaryExpr>()->right, visit);
    case ExprKind::kConditional:
      walk(*e.as<ConditionalExpr>()->when_true, visit);
      walk(*e.as<ConditionalExpr>()->condition, visit);
      return walk(*e.as<ConditionalExpr>()->when_false, visit);
    case ExprKind::kLambda:
      walk_parameters(e.as<LambdaExpr>()->parameters, visit);
      return walk(*e.as<LambdaExpr>()->body, visit);
    case ExprKind::kComprehension: {
      const auto& node = *e.as<ComprehensionExpr>();
      walk(*node.element, visit);
      walk_optional(node.value, visit);
      for (const Clause& clause : node.clauses) {
        walk_optional(clause.target, visit);
        walk(*clause.value, visit);
      }
      return;
    }
    case ExprKind::kParen:
      return walk(*e.as<ParenExpr>()->inner, visit);
  }
}

void walk_block(Block block, const ExprVisitor& visit_expr, const StmtVisitor& visit_stmt) {
  for (const Stmt* statement : block) walk(*statement, visit_expr, visit_stmt);
}

}  // namespace

void walk(const Expr& expression, const ExprVisitor& visit) {
  std::vector<const Expr*> spine;
  for (const Expr* e = &expression; e != nullptr; e = left_operand(*e)) {
    if (!visit(*e)) break;
    spine.push_back(e);
  }
  for (auto e = spine.rbegin(); e != spine.rend(); ++e) walk_rest(**e, visit);
}

void walk(const Stmt& s, const ExprVisitor& visit_expr, const StmtVisitor& visit_stmt) {
  if (visit_stmt && !visit_stmt(s)) return;
  switch (s.kind) {
    case StmtKind::kExpression:
      return walk(*s.as<ExprStmt>()->value, visit_expr);
    case StmtKind::kAssign:
      walk(*s.as<AssignStmt>()->target, visit_expr);
      return walk(*s.as<AssignStmt>()->value, visit_expr);
    case StmtKind::kDef:
      walk_parameters(s.as<DefStmt>()->parameters, visit_expr);
      return walk_block(s.as<DefStmt>()->body, visit_expr, visit_stmt);
    case StmtKind::kIf:
      for (const IfClause& clause : s.as<IfStmt>()->clauses) {
        walk_optional(clause.condition, visit_expr);
        walk_block(clause.body, visit_expr, visit_stmt);
      }
      return;
    case StmtKind::kFor:
      walk(*s.as<ForStmt>()->target, visit_expr);
      walk(*s.as<ForStmt>()->iterable, visit_expr);
      return walk_block(s.as<ForStmt>()->body, visit_expr, visit_stmt);
    case StmtKind::kWhile:
      walk(*s.as<WhileStmt>()->condition, visit_expr);
      return walk_block(s.as<WhileStmt>()->body, visit_expr, visit_stmt);
    case StmtKind::kReturn:
      return walk_optional(s.as<ReturnStmt>()->value, visit_expr);
    case StmtKind::kBranch:
      return;
    case StmtKind::kLoad:
      return walk(*s.as<LoadStmt>()->module, visit_expr);
  }
}

void walk(const File& file, const ExprVisitor& visit_expr, const StmtVisitor& visit_stmt) {
  walk_block(file.statements, visit_expr, visit_stmt);
}

std::string_view doc_string(Block body) {
  if (body.empty()) return "";
  const auto* statement = body[0]->as<ExprStmt>();
  if (statement == nullptr) return "";
  const auto* text = statement->value->as<StringExpr>();
  return text == nullptr ? "" : text->value;
}

std::string_view node_word(const Expr& e) {
  switch (e.kind) {
    case ExprKind::kString:
    case ExprKind::kBytes:
    case ExprKind::kInt:
    case ExprKind::kFloat:
      return "literal";
    case ExprKind::kDict:
      return "dictexpr";
    case ExprKind::kCall:
      return "callexpr";
    case ExprKind::kSlice:
      return "sliceexpr";
    case ExprKind::kUnary:
      return "unaryexpr";
    case ExprKind::kBinary:
      return "binaryexpr";
    case ExprKind::kConditional:
      return "condexpr";
    case ExprKind::kLambda:
      return "lambdaexpr";
    case ExprKind::kComprehension:
      return "comprehension";
    case ExprKind::kIdent:
    case ExprKind::kList:
    case ExprKind::kTuple:
    case ExprKind::kDot:
    case ExprKind::kIndex:
    case ExprKind::kParen:
      break;
  }
  return "expression";
}

}  // namespace fb::starlark::syntax
