#include "starlark/spec/name_scopes.h"

namespace fb::spec {

namespace syntax = starlark::syntax;
using syntax::Expr;
using syntax::Stmt;
using Names = std::set<std::string_view>;

namespace {

// The names an assignment target binds.
void add_target(const Expr& target, Names& names) {
  if (const auto* ident = target.as<syntax::IdentExpr>()) {
    names.insert(ident->name);
  } else if (const auto* paren = target.as<syntax::ParenExpr>()) {
    add_target(*paren->inner, names);
  } else if (const auto* tuple = target.as<syntax::TupleExpr>()) {
    for (const Expr* item : tuple->items) add_target(*item, names);
  } else if (const auto* list = target.as<syntax::ListExpr>()) {
    for (const Expr* item : list->items) add_target(*item, names);
  }
}

void add_parameters(std::span<const syntax::Parameter> parameters, Names& names) {
  for (const syntax::Parameter& parameter : parameters) {
    if (parameter.name != nullptr) names.insert(parameter.name->name);
  }
}

// The names that statements bind in their own scope, nested functions left out.
void add_statement(const Stmt& statement, Names& names) {
  if (const auto* assign = statement.as<syntax::AssignStmt>()) {
    add_target(*assign->target, names);
  } else if (const auto* loop = statement.as<syntax::ForStmt>()) {
    add_target(*loop->target, names);
  } else if (const auto* def = statement.as<syntax::DefStmt>()) {
    names.insert(def->name->name);
  } else if (const auto* load = statement.as<syntax::LoadStmt>()) {
    for (const syntax::LoadedName& loaded : load->names) names.insert(loaded.local->name);
  }
}

void add_block(syntax::Block block, Names& names) {
  for (const Stmt* statement : block) {
    syntax::walk(
        *statement, [](const Expr&) { return false; },
        [&](const Stmt& inner) {
          add_statement(inner, names);
          return inner.kind != syntax::StmtKind::kDef;
        });
  }
}

}  // namespace

NameScopes::NameScopes(const syntax::File& file) {
  add_block(file.statements, globals_);
  syntax::walk(
      file,
      [this](const Expr& expr) {
        if (const auto* lambda = expr.as<syntax::LambdaExpr>()) {
          Scope scope{expr.span.begin_offset, expr.span.end_offset, true, {}};
          add_parameters(lambda->parameters, scope.names);
          scopes_.push_back(std::move(scope));
        } else if (const auto* comprehension = expr.as<syntax::ComprehensionExpr>()) {
          Scope scope{expr.span.begin_offset, expr.span.end_offset, false, {}};
          for (const syntax::Clause& clause : comprehension->clauses) {
            if (clause.is_for) add_target(*clause.target, scope.names);
          }
          scopes_.push_back(std::move(scope));
        }
        return true;
      },
      [this](const Stmt& statement) {
        if (const auto* def = statement.as<syntax::DefStmt>()) {
          Scope scope{statement.span.begin_offset, statement.span.end_offset, true, {}};
          add_parameters(def->parameters, scope.names);
          add_block(def->body, scope.names);
          scopes_.push_back(std::move(scope));
        }
        return true;
      });
}

bool NameScopes::local(const syntax::IdentExpr& use) const {
  for (const Scope& scope : scopes_) {
    if (scope.begin <= use.span.begin_offset && use.span.begin_offset < scope.end &&
        scope.names.contains(use.name)) {
      return true;
    }
  }
  return false;
}

uint32_t NameScopes::function_around(uint32_t offset) const {
  uint32_t begin = ~uint32_t{0};
  uint32_t length = ~uint32_t{0};
  for (const Scope& scope : scopes_) {
    if (!scope.function || offset < scope.begin || offset >= scope.end) continue;
    if (scope.end - scope.begin <= length) {
      length = scope.end - scope.begin;
      begin = scope.begin;
    }
  }
  return begin;
}

}  // namespace fb::spec
