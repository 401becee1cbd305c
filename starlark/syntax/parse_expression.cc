#include "starlark/syntax/parser_impl.h"

// A switch here names the tokens it knows; every other one means "not mine".
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark::syntax::detail {
namespace {

// Binary operators from loose to tight; -1 for everything else.
int precedence(Token token) {
  switch (token) {
    case Token::kOr:
      return 0;
    case Token::kAnd:
      return 1;
    case Token::kNot:
      return 2;
    case Token::kEq:
    case Token::kNe:
    case Token::kLt:
    case Token::kGt:
    case Token::kLe:
    case Token::kGe:
    case Token::kIn:
    case Token::kNotIn:
      return 3;
    case Token::kPipe:
      return 4;
    case Token::kCaret:
      return 5;
    case Token::kAmp:
      return 6;
    case Token::kLtLt:
    case Token::kGtGt:
      return 7;
    case Token::kMinus:
    case Token::kPlus:
      return 8;
    case Token::kStar:
    case Token::kPercent:
    case Token::kSlash:
    case Token::kSlashSlash:
      return 9;
    default:
      return -1;
  }
}
constexpr int kNotLevel = 2;
constexpr int kComparisonLevel = 3;
constexpr int kTightest = 9;
constexpr std::size_t kMaxClauses = 1000;

std::string_view operator_text(Token token) {
  const std::string_view text = token_text(token);
  return text.front() == '\'' ? text.substr(1, text.size() - 2) : text;
}

bool ends_expression_list(Token token) {
  switch (token) {
    case Token::kEof:
    case Token::kNewline:
    case Token::kAssign:
    case Token::kRBrace:
    case Token::kRBrack:
    case Token::kRParen:
    case Token::kSemi:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string_view Parser::take_name(NameNumber& number) {
  if (!at(Token::kIdent)) {
    fail("not an identifier");
    return "";
  }
  const std::string_view name = now_.raw;
  number = now_.name;
  advance();
  return name;
}

IdentExpr* Parser::parse_ident() {
  auto* node = make<IdentExpr>();
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  node->name = take_name(node->number);
  return spanned(node, start, begin);
}

std::span<Parameter> Parser::parse_parameters() {
  Few<Parameter> parameters;
  while (!at(Token::kRParen) && !at(Token::kColon) && !at(Token::kEof)) {
    if (!parameters.empty()) consume(Token::kComma);
    if (at(Token::kRParen)) break;
    Parameter parameter;
    parameter.position = now_.start;
    if (at(Token::kStar) || at(Token::kStarStar)) {
      const bool one = at(Token::kStar);
      advance();
      parameter.kind = one ? ParameterKind::kArgs : ParameterKind::kKwargs;
      if (!one || at(Token::kIdent)) {
        parameter.name = parse_ident();
      } else {
        parameter.kind = ParameterKind::kStar;
      }
    } else {
      parameter.name = parse_ident();
      if (at(Token::kAssign)) {
        parameter.position = take();
        parameter.default_value = parse_test();
      }
    }
    parameters.push_back(parameter);
  }
  return keep(parameters);
}

Expr* Parser::parse_expression(bool in_parentheses) {
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  Expr* first = parse_test();
  if (!at(Token::kComma)) return first;
  Few<Expr*> items{first};
  parse_more(items, in_parentheses);
  auto* node = make<TupleExpr>();
  node->items = keep(items);
  node->parenthesized = in_parentheses;
  return spanned(node, start, begin);
}

void Parser::parse_more(Few<Expr*>& items, bool trailing_comma) {
  while (at(Token::kComma)) {
    const Position comma = take();
    if (ends_expression_list(now_.token)) {
      if (!trailing_comma && !failed()) {
        fail_at(comma, "unparenthesized tuple with trailing comma");
      }
      break;
    }
    items.push_back(parse_test());
  }
}

Expr* Parser::parse_test() {
  const Nest nest(*this);
  if (failed()) return nothing();
  if (at(Token::kLambda)) return parse_lambda(true);
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  Expr* value = parse_level(0);
  if (!at(Token::kIf)) return value;
  auto* node = make<ConditionalExpr>();
  const Position if_position = take();
  node->when_true = value;
  node->condition = parse_level(0);
  if (!at(Token::kElse)) {
    if (!failed()) {
      fail_at(if_position,
              dialect_.explain_python
                  ? "conditional expression without else clause (write `x if c else y`)"
                  : "conditional expression without else clause");
    }
    node->when_false = nothing();
    return node;
  }
  advance();
  node->when_false = parse_test();
  return spanned(node, start, begin);
}

Expr* Parser::parse_test_without_condition() {
  return at(Token::kLambda) ? parse_lambda(false) : parse_level(0);
}

Expr* Parser::parse_lambda(bool allow_condition) {
  const Nest nest(*this);
  auto* node = make<LambdaExpr>();
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  advance();
  node->parameters = parse_parameters();
  consume(Token::kColon);
  node->body = allow_condition ? parse_test() : parse_test_without_condition();
  return spanned(node, start, begin);
}

Expr* Parser::parse_level(int level) {
  if (failed()) return nothing();
  return level > kTightest ? parse_suffixed() : parse_binary(level);
}

Expr* Parser::parse_not() {
  const Nest nest(*this);
  auto* node = make<UnaryExpr>();
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  advance();
  node->op = Token::kNot;
  node->operand = parse_level(kNotLevel);
  return spanned(node, start, begin);
}

// Precedence climbing: every operator at `level` or tighter, left to right.
Expr* Parser::parse_binary(int level) {
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  Expr* left = at(Token::kNot) && level <= kNotLevel ? parse_not() : parse_suffixed();
  int last_level = kTightest + 1;  // of the operator on top of `left`
  Token last_op = Token::kIllegal;
  while (!failed()) {
    if (at(Token::kNot)) {
      advance();
      if (!at(Token::kIn)) {
        fail(fmt::format("got {}, want in", got()));
        break;
      }
      now_.token = Token::kNotIn;
    }
    const int op_level = precedence(now_.token);
    if (op_level < level || op_level < 0) return left;
    if (op_level == kComparisonLevel && last_level == kComparisonLevel) {
      fail(fmt::format("{} does not associate with {} (use parens)", operator_text(last_op),
                       operator_text(now_.token)));
      break;
    }
    auto* node = make<BinaryExpr>();
    node->op = now_.token;
    node->op_position = take();
    node->left = left;
    node->right = parse_level(op_level + 1);
    last_level = op_level;
    last_op = node->op;
    left = spanned(node, start, begin);
  }
  return left;
}

Expr* Parser::parse_suffixed() {
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  Expr* value = parse_primary();
  while (!failed()) {
    if (at(Token::kDot)) {
      auto* node = make<DotExpr>();
      node->object = value;
      node->dot = take();
      node->name_position = now_.start;
      node->name = take_name(node->number);
      value = node;
    } else if (at(Token::kLBrack)) {
      value = parse_subscript(value);
    } else if (at(Token::kLParen)) {
      value = parse_call(value);
    } else {
      break;
    }
    spanned(value, start, begin);
  }
  return value;
}

Expr* Parser::parse_call(Expr* function) {
  auto* node = make<CallExpr>();
  node->function = function;
  node->paren = take();
  Few<Argument> arguments;
  while (!at(Token::kRParen) && !at(Token::kEof)) {
    if (!arguments.empty()) consume(Token::kComma);
    if (at(Token::kRParen)) break;
    Argument argument;
    argument.position = now_.start;
    if (at(Token::kStar) || at(Token::kStarStar)) {
      argument.kind = at(Token::kStar) ? ArgumentKind::kStar : ArgumentKind::kStarStar;
      advance();
      argument.value = parse_test();
    } else {
      argument.value = parse_test();
      if (at(Token::kAssign)) {
        const auto* name = argument.value->as<IdentExpr>();
        if (name == nullptr) {
          fail("keyword argument must have form name=expr");
          break;
        }
        argument.kind = ArgumentKind::kNamed;
        argument.name = name->name;
        argument.number = name->number;
        advance();
        argument.value = parse_test();
      }
    }
    arguments.push_back(argument);
  }
  consume(Token::kRParen);
  node->arguments = keep(arguments);
  return node;
}

Expr* Parser::parse_subscript(Expr* object) {
  const Position bracket = take();
  Expr* low = nullptr;
  if (!at(Token::kColon)) {
    low = parse_expression(false);
    if (at(Token::kRBrack)) {
      advance();
      auto* node = make<IndexExpr>();
      node->object = object;
      node->bracket = bracket;
      node->index = low;
      return node;
    }
  }
  auto* node = make<SliceExpr>();
  node->object = object;
  node->bracket = bracket;
  node->low = low;
  if (at(Token::kColon)) {
    advance();
    if (!at(Token::kColon) && !at(Token::kRBrack)) node->high = parse_test();
  }
  if (at(Token::kColon)) {
    advance();
    if (!at(Token::kRBrack)) node->step = parse_test();
  }
  consume(Token::kRBrack);
  return node;
}

Expr* Parser::parse_primary() {
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  switch (now_.token) {
    case Token::kIdent:
      return parse_ident();
    case Token::kInt: {
      auto* node = make<IntExpr>();
      node->small = now_.small;
      node->value = now_.value;
      node->digits = now_.raw;
      advance();
      return spanned(node, start, begin);
    }
    case Token::kFloat: {
      auto* node = make<FloatExpr>();
      node->value = now_.number;
      advance();
      return spanned(node, start, begin);
    }
    case Token::kString: {
      auto* node = make<StringExpr>();
      node->value = now_.text;
      advance();
      return spanned(node, start, begin);
    }
    case Token::kBytes: {
      auto* node = make<BytesExpr>();
      node->value = now_.text;
      advance();
      return spanned(node, start, begin);
    }
    case Token::kLBrack:
      return parse_list();
    case Token::kLBrace:
      return parse_dict();
    case Token::kLParen: {
      advance();
      if (at(Token::kRParen)) {
        advance();
        auto* empty = make<TupleExpr>();
        empty->parenthesized = true;
        return spanned(empty, start, begin);
      }
      auto* node = make<ParenExpr>();
      node->inner = parse_expression(true);
      consume(Token::kRParen);
      return spanned(node, start, begin);
    }
    case Token::kMinus:
    case Token::kPlus:
    case Token::kTilde: {
      const Nest nest(*this);
      auto* node = make<UnaryExpr>();
      node->op = now_.token;
      advance();
      node->operand = failed() ? nothing() : parse_suffixed();
      return spanned(node, start, begin);
    }
    default:
      break;
  }
  // A newline's end is on the next line; the error belongs to where the expression is missing.
  fail_at(now_.start, fmt::format("got {}, want primary expression", got()));
  return nothing();
}

Expr* Parser::parse_list() {
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  advance();
  Few<Expr*> items;
  if (!at(Token::kRBrack)) {
    Expr* first = parse_test();
    if (at(Token::kFor)) {
      auto* node = make<ComprehensionExpr>();
      node->element = first;
      return parse_comprehension(node, start, begin, Token::kRBrack);
    }
    items.push_back(first);
    parse_more(items, true);
  }
  consume(Token::kRBrack);
  auto* node = make<ListExpr>();
  node->items = keep(items);
  return spanned(node, start, begin);
}

Expr* Parser::parse_dict() {
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  advance();
  Few<DictEntry> entries;
  if (!at(Token::kRBrace)) {
    const DictEntry first = parse_dict_entry();
    if (at(Token::kFor)) {
      auto* node = make<ComprehensionExpr>();
      node->is_dict = true;
      node->element = first.key;
      node->colon = first.colon;
      node->value = first.value;
      return parse_comprehension(node, start, begin, Token::kRBrace);
    }
    entries.push_back(first);
    while (at(Token::kComma)) {
      advance();
      if (at(Token::kRBrace)) break;
      entries.push_back(parse_dict_entry());
    }
  }
  consume(Token::kRBrace);
  auto* node = make<DictExpr>();
  node->entries = keep(entries);
  return spanned(node, start, begin);
}

DictEntry Parser::parse_dict_entry() {
  DictEntry entry;
  entry.key = parse_test();
  entry.colon = consume(Token::kColon);
  entry.value = parse_test();
  return entry;
}

Expr* Parser::parse_comprehension(ComprehensionExpr* node, Position start, std::uint32_t begin,
                                  Token end) {
  const Nest nest(*this);
  Few<Clause> clauses;
  while (!at(end) && !failed()) {
    Clause clause;
    clause.position = now_.start;
    if (at(Token::kFor)) {
      advance();
      clause.target = parse_loop_variables();
      consume(Token::kIn);
      // No conditional, no lambda, no bare tuple: `if` would be ambiguous.
      clause.value = parse_level(0);
    } else if (at(Token::kIf)) {
      advance();
      clause.is_for = false;
      clause.value = parse_test_without_condition();
    } else {
      fail(fmt::format("got {}, want {}, for, or if", got(), token_text(end)));
      break;
    }
    clauses.push_back(clause);
    if (clauses.size() > kMaxClauses) fail("comprehension has too many clauses");
  }
  consume(end);
  node->clauses = keep(clauses);
  return spanned(node, start, begin);
}

// Not an expression: that would swallow the `in`.
Expr* Parser::parse_loop_variables() {
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  Expr* first = parse_suffixed();
  if (!at(Token::kComma)) return first;
  Few<Expr*> items{first};
  while (at(Token::kComma)) {
    advance();
    if (ends_expression_list(now_.token)) break;
    items.push_back(parse_suffixed());
  }
  auto* node = make<TupleExpr>();
  node->items = keep(items);
  return spanned(node, start, begin);
}

}  // namespace fb::starlark::syntax::detail
