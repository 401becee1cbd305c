#include "starlark/syntax/parser.h"

#include "starlark/syntax/parser_impl.h"

// A switch here names the tokens it knows; every other one means "not mine".
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark::syntax {
namespace detail {

Stmt* Parser::parse_small() {
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  switch (now_.token) {
    case Token::kReturn: {
      auto* node = make<ReturnStmt>();
      advance();
      if (!at(Token::kEof) && !at(Token::kNewline) && !at(Token::kSemi)) {
        node->value = parse_expression(false);
      }
      return spanned(node, start, begin);
    }
    case Token::kBreak:
    case Token::kContinue:
    case Token::kPass: {
      auto* node = make<BranchStmt>();
      node->token = now_.token;
      advance();
      return spanned(node, start, begin);
    }
    case Token::kLoad:
      return parse_load();
    default:
      break;
  }
  Expr* value = parse_expression(false);
  Token op = Token::kAssign;
  const bool is_augmented = augmented(now_.token, op);
  if (is_augmented || at(Token::kAssign)) {
    auto* node = make<AssignStmt>();
    node->target = value;
    node->op = op;
    node->augmented = is_augmented;
    node->op_position = take();
    node->value = parse_expression(false);
    return spanned(node, start, begin);
  }
  auto* node = make<ExprStmt>();
  node->value = value;
  return spanned(node, start, begin);
}

Stmt* Parser::parse_def() {
  auto* node = make<DefStmt>();
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  advance();
  node->name = parse_ident();
  consume(Token::kLParen);
  node->parameters = parse_parameters();
  consume(Token::kRParen);
  consume(Token::kColon);
  node->body = parse_suite();
  return spanned(node, start, begin);
}

Stmt* Parser::parse_if() {
  auto* node = make<IfStmt>();
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  Few<IfClause> clauses;
  while (true) {
    IfClause clause;
    const bool is_else = at(Token::kElse);
    clause.position = take();
    if (!is_else) clause.condition = parse_test();
    consume(Token::kColon);
    clause.body = parse_suite();
    clauses.push_back(clause);
    if (is_else || !(at(Token::kElif) || at(Token::kElse))) break;
  }
  node->clauses = keep(clauses);
  return spanned(node, start, begin);
}

Stmt* Parser::parse_for() {
  auto* node = make<ForStmt>();
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  advance();
  node->target = parse_loop_variables();
  consume(Token::kIn);
  node->iterable = parse_expression(false);
  consume(Token::kColon);
  node->body = parse_suite();
  return spanned(node, start, begin);
}

Stmt* Parser::parse_while() {
  auto* node = make<WhileStmt>();
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  advance();
  node->condition = parse_test();
  consume(Token::kColon);
  node->body = parse_suite();
  return spanned(node, start, begin);
}

Stmt* Parser::parse_load() {
  auto* node = make<LoadStmt>();
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  advance();
  node->paren = consume(Token::kLParen);
  if (!at(Token::kString)) {
    fail("first operand of load statement must be a string literal");
    node->module = make<StringExpr>();
    return spanned(node, start, begin);
  }
  node->module = static_cast<StringExpr*>(parse_primary());
  Few<LoadedName> names;
  while (!at(Token::kRParen) && !at(Token::kEof)) {
    consume(Token::kComma);
    if (at(Token::kRParen)) break;
    LoadedName name;
    if (at(Token::kString)) {
      auto* literal = static_cast<StringExpr*>(parse_primary());
      name.local = make<IdentExpr>();
      name.local->name = literal->value;
      name.local->number = file_.names.number(literal->value);
      name.local->span = literal->span;
      ++name.local->span.start.column;  // past the quote
      name.original = literal->value;
      name.original_position = name.local->span.start;
    } else if (at(Token::kIdent)) {
      name.local = parse_ident();
      if (!at(Token::kAssign)) {
        fail(
            fmt::format("load operand must be \"{0}\" or {0}=\"originalname\" (want '=' after {0})",
                        name.local->name));
        break;
      }
      advance();
      if (!at(Token::kString)) {
        fail(fmt::format("original name of loaded symbol must be quoted: {}=\"originalname\"",
                         name.local->name));
        break;
      }
      auto* literal = static_cast<StringExpr*>(parse_primary());
      name.original = literal->value;
      name.original_position = literal->span.start;
      ++name.original_position.column;
    } else {
      fail(fmt::format("load operand must be \"name\" or localname=\"name\" (got {})", got()));
      break;
    }
    names.push_back(name);
  }
  consume(Token::kRParen);
  if (names.empty()) fail_at(node->paren, "load statement must import at least 1 symbol");
  node->names = keep(names);
  return spanned(node, start, begin);
}

}  // namespace detail

std::variant<std::unique_ptr<File>, Diagnostic> parse(std::string path, std::string source,
                                                      const Dialect& dialect) {
  auto file = std::make_unique<File>(std::move(path), std::move(source));
  if (file->source.size() >= (std::size_t{1} << 31)) return Diagnostic{{1, 1}, "file too large"};
  detail::Parser parser(*file, dialect);
  if (std::optional<Diagnostic> error = parser.parse_file()) return *std::move(error);
  return file;
}

}  // namespace fb::starlark::syntax
