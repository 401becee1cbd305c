#include "starlark/syntax/parser.h"

#include "starlark/syntax/scanner.h"

#include <fmt/format.h>
#include <memory>
#include <optional>
#include <vector>

// A switch here names the tokens it knows; every other one means "not mine".
#pragma GCC diagnostic ignored "-Wswitch-enum"

namespace fb::starlark::syntax {
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

struct PythonHabit {
  std::string_view word;
  std::string_view hint;
};
constexpr PythonHabit kPythonHabits[] = {
    {"async", "run things side by side with a function of the host"},
    {"await", "run things side by side with a function of the host"},
    {"class", "write a def that returns a struct or dict"},
    {"del", "write d.pop(key)"},
    {"except", "errors end the program; test the condition first"},
    {"finally", "errors end the program; test the condition first"},
    {"from", "write load(\"file.star\", \"name\")"},
    {"global", "change a list or dict held by the global"},
    {"import", "write load(\"file.star\", \"name\")"},
    {"is", "write == or !="},
    {"nonlocal", "change a list or dict of the outer function"},
    {"raise", "write fail(\"message\")"},
    {"try", "errors end the program; test the condition first"},
    {"with", "pass a function to the one that needs a scope"},
    {"yield", "return a list"},
};

// Recursive descent. After the first error every token is end of file, so all loops run out by
// themselves.
class Parser {
 public:
  Parser(File& file, const Dialect& dialect)
      : file_(file), dialect_(dialect), scanner_(file.source, file.arena, dialect.explain_python) {
    advance();
  }

  std::optional<Diagnostic> parse_file() {
    std::vector<Stmt*> statements;
    while (!at(Token::kEof) && !failed()) {
      if (at(Token::kNewline)) {
        advance();
        continue;
      }
      parse_statement(statements);
    }
    file_.statements = keep(statements);
    return error_;
  }

 private:
  // Tokens.
  bool at(Token token) const { return now_.token == token; }
  bool failed() const { return error_.has_value(); }
  void advance() {
    last_end_ = now_.end;
    last_end_offset_ = now_.end_offset;
    if (failed()) {
      now_.token = Token::kEof;
      return;
    }
    scanner_.next(now_);
    if (scanner_.error() && !error_) error_ = scanner_.error();
  }
  Position take() {
    const Position start = now_.start;
    advance();
    return start;
  }
  Position consume(Token token) {
    if (!at(token)) {
      fail(fmt::format("got {}, want {}", got(), token_text(token)));
      return now_.start;
    }
    return take();
  }
  std::string got() const {
    return std::string(at(Token::kReserved) ? now_.raw : token_text(now_.token));
  }
  void fail(std::string message) { fail_at(now_.end, std::move(message)); }
  void fail_at(Position at, std::string message) {
    if (!error_) {
      if (dialect_.explain_python) message += habit();
      error_ = Diagnostic{at, std::move(message)};
    }
    now_.token = Token::kEof;
  }
  std::string habit() const {
    if (at(Token::kReserved)) {
      for (const PythonHabit& h : kPythonHabits) {
        if (h.word == now_.raw)
          return fmt::format(" ({} is not part of Starlark: {})", h.word, h.hint);
      }
    }
    if (at(Token::kStarStar)) return " (** is not a power operator: multiply instead)";
    if (at(Token::kAssign)) return " (assignments do not chain: write one per line)";
    return "";
  }

  // Nodes.
  template <class T>
  T* make() {
    return new (file_.arena.allocate(sizeof(T), alignof(T))) T();
  }
  template <class T>
  std::span<T> keep(const std::vector<T>& items) {
    if (items.empty()) return {};
    T* copy = static_cast<T*>(file_.arena.allocate(sizeof(T) * items.size(), alignof(T)));
    std::uninitialized_copy(items.begin(), items.end(), copy);
    return {copy, items.size()};
  }
  template <class Node>
  Node* spanned(Node* node, Position start, std::uint32_t begin) {
    node->span = Span{start, last_end_, begin, last_end_offset_};
    return node;
  }
  struct Nest {
    explicit Nest(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMaxNesting) parser_.fail("nested too deeply");
    }
    ~Nest() { --parser_.depth_; }
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    Parser& parser_;
  };
  // Somewhere to stand after an error.
  Expr* nothing() { return spanned(make<TupleExpr>(), now_.start, now_.begin_offset); }

  // Statements.
  void parse_statement(std::vector<Stmt*>& out) {
    switch (now_.token) {
      case Token::kDef:
        out.push_back(parse_def());
        return;
      case Token::kIf:
        out.push_back(parse_if());
        return;
      case Token::kFor:
        out.push_back(parse_for());
        return;
      case Token::kWhile:
        out.push_back(parse_while());
        return;
      default:
        parse_simple(out);
    }
  }
  Block parse_suite() {
    const Nest nest(*this);
    std::vector<Stmt*> statements;
    if (at(Token::kNewline)) {
      advance();
      consume(Token::kIndent);
      while (!at(Token::kOutdent) && !at(Token::kEof)) parse_statement(statements);
      consume(Token::kOutdent);
    } else {
      parse_simple(statements);
    }
    return keep(statements);
  }
  void parse_simple(std::vector<Stmt*>& out) {
    while (true) {
      out.push_back(parse_small());
      if (!at(Token::kSemi)) break;
      advance();
      if (at(Token::kNewline) || at(Token::kEof)) break;
    }
    if (!at(Token::kEof)) consume(Token::kNewline);
  }
  Stmt* parse_small();
  Stmt* parse_def();
  Stmt* parse_if();
  Stmt* parse_for();
  Stmt* parse_while();
  Stmt* parse_load();

  // Expressions.
  IdentExpr* parse_ident();
  std::span<Parameter> parse_parameters();
  Expr* parse_expression(bool in_parentheses);
  void parse_more(std::vector<Expr*>& items, bool trailing_comma);
  Expr* parse_test();
  Expr* parse_test_without_condition();
  Expr* parse_lambda(bool allow_condition);
  Expr* parse_level(int level);
  Expr* parse_not();
  Expr* parse_binary(int level);
  Expr* parse_suffixed();
  Expr* parse_primary();
  Expr* parse_call(Expr* function);
  Expr* parse_subscript(Expr* object);
  Expr* parse_list();
  Expr* parse_dict();
  DictEntry parse_dict_entry();
  Expr* parse_comprehension(ComprehensionExpr* node, Position start, std::uint32_t begin,
                            Token end);
  Expr* parse_loop_variables();

  File& file_;
  const Dialect& dialect_;
  Scanner scanner_;
  TokenValue now_;
  Position last_end_;
  std::uint32_t last_end_offset_ = 0;
  int depth_ = 0;
  std::optional<Diagnostic> error_;
};

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
  std::vector<IfClause> clauses;
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
  std::vector<LoadedName> names;
  while (!at(Token::kRParen) && !at(Token::kEof)) {
    consume(Token::kComma);
    if (at(Token::kRParen)) break;
    LoadedName name;
    if (at(Token::kString)) {
      auto* literal = static_cast<StringExpr*>(parse_primary());
      name.local = make<IdentExpr>();
      name.local->name = literal->value;
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

IdentExpr* Parser::parse_ident() {
  auto* node = make<IdentExpr>();
  if (!at(Token::kIdent)) {
    fail("not an identifier");
    return spanned(node, now_.start, now_.begin_offset);
  }
  const Position start = now_.start;
  const std::uint32_t begin = now_.begin_offset;
  node->name = now_.raw;
  advance();
  return spanned(node, start, begin);
}

std::span<Parameter> Parser::parse_parameters() {
  std::vector<Parameter> parameters;
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
  std::vector<Expr*> items{first};
  parse_more(items, in_parentheses);
  auto* node = make<TupleExpr>();
  node->items = keep(items);
  node->parenthesized = in_parentheses;
  return spanned(node, start, begin);
}

void Parser::parse_more(std::vector<Expr*>& items, bool trailing_comma) {
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
      node->name = parse_ident()->name;
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
  std::vector<Argument> arguments;
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
  std::vector<Expr*> items;
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
  std::vector<DictEntry> entries;
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
  std::vector<Clause> clauses;
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
  std::vector<Expr*> items{first};
  while (at(Token::kComma)) {
    advance();
    if (ends_expression_list(now_.token)) break;
    items.push_back(parse_suffixed());
  }
  auto* node = make<TupleExpr>();
  node->items = keep(items);
  return spanned(node, start, begin);
}

}  // namespace

std::variant<std::unique_ptr<File>, Diagnostic> parse(std::string path, std::string source,
                                                      const Dialect& dialect) {
  auto file = std::make_unique<File>(std::move(path), std::move(source));
  if (file->source.size() >= (std::size_t{1} << 31)) return Diagnostic{{1, 1}, "file too large"};
  Parser parser(*file, dialect);
  if (std::optional<Diagnostic> error = parser.parse_file()) return *std::move(error);
  return file;
}

}  // namespace fb::starlark::syntax
