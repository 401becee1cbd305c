// The parser itself. Private to syntax/; the statements are in parser.cc, the expressions in
// parse_expression.cc.
#pragma once
#include "starlark/syntax/ast.h"
#include "starlark/syntax/dialect.h"
#include "starlark/syntax/scanner.h"

#include <boost/container/small_vector.hpp>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace fb::starlark::syntax::detail {

// What is being collected; most lists of a program are short.
template <class T>
using Few = boost::container::small_vector<T, 8>;

struct PythonHabit {
  std::string_view word;
  std::string_view hint;
};
inline constexpr PythonHabit kPythonHabits[] = {
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
      : file_(file),
        dialect_(dialect),
        scanner_(file.source, file.arena, file.names, dialect.explain_python) {
    advance();
  }

  std::optional<Diagnostic> parse_file() {
    Few<Stmt*> statements;
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
      fail(fmt::format("got {}, want {}", got(), token_text(token)), token);
      return now_.start;
    }
    return take();
  }
  std::string got() const {
    return std::string(at(Token::kReserved) ? now_.raw : token_text(now_.token));
  }
  void fail(std::string message, Token wanted = Token::kIllegal) {
    fail_at(now_.end, std::move(message), wanted);
  }
  void fail_at(Position at, std::string message, Token wanted = Token::kIllegal) {
    if (!error_) {
      if (dialect_.explain_python) message += habit(wanted);
      error_ = Diagnostic{at, std::move(message)};
    }
    now_.token = Token::kEof;
  }
  // What a Python programmer may have meant, when that is plain; `wanted` stood in the message.
  std::string habit(Token wanted) const {
    if (at(Token::kReserved)) {
      for (const PythonHabit& h : kPythonHabits) {
        if (h.word == now_.raw)
          return fmt::format(" ({} is not part of Starlark: {})", h.word, h.hint);
      }
    }
    if (at(Token::kStarStar)) return " (** is not a power operator: multiply instead)";
    if (at(Token::kColon) && wanted == Token::kNewline) {
      return " (names have no type annotations)";
    }
    if (at(Token::kAssign)) return " (assignments do not chain: write one per line)";
    if (at(Token::kFor)) return " (there are no generator expressions: write [x for x in y])";
    if (at(Token::kString) && wanted != Token::kIllegal) {
      return " (strings are joined with +, and print(...) is a function)";
    }
    if ((at(Token::kComma) || at(Token::kRBrace)) && wanted == Token::kColon) {
      return " (a set is written set([...]))";
    }
    return "";
  }

  // Nodes.
  template <class T>
  T* make() {
    return new (file_.arena.allocate(sizeof(T), alignof(T))) T();
  }
  template <class T>
  std::span<T> keep(const Few<T>& items) {
    if (items.empty()) return {};
    T* copy = static_cast<T*>(file_.arena.allocate(sizeof(T) * items.size(), alignof(T)));
    std::uninitialized_copy(items.begin(), items.end(), copy);
    return {copy, items.size()};
  }
  template <class Node>
  Node* spanned(Node* node, Position start, std::uint32_t begin) {
    node->span = Span{start, begin, last_end_offset_};
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
  void parse_statement(Few<Stmt*>& out) {
    if (at(Token::kDef)) {
      out.push_back(parse_def());
    } else if (at(Token::kIf)) {
      out.push_back(parse_if());
    } else if (at(Token::kFor)) {
      out.push_back(parse_for());
    } else if (at(Token::kWhile)) {
      out.push_back(parse_while());
    } else {
      parse_simple(out);
    }
  }
  Block parse_suite() {
    const Nest nest(*this);
    Few<Stmt*> statements;
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
  void parse_simple(Few<Stmt*>& out) {
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
  std::string_view take_name(NameNumber& number);
  IdentExpr* parse_ident();
  std::span<Parameter> parse_parameters();
  Expr* parse_expression(bool in_parentheses);
  void parse_more(Few<Expr*>& items, bool trailing_comma);
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
  std::uint32_t last_end_offset_ = 0;
  int depth_ = 0;
  std::optional<Diagnostic> error_;
};

}  // namespace fb::starlark::syntax::detail
