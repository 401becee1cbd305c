// The syntax tree of one file, for the compiler and for tools (what a spec records and refuses is
// found by walking it). Nodes are plain structs with a kind and a span of source; they live in the
// arena of their File and are freed with it. Switch on `kind` and use as<T>(), or let walk() find
// what you want:
//
//   syntax::walk(file, [](const syntax::Expr& e) {
//     if (const auto* call = e.as<syntax::CallExpr>()) ...
//     return true;   // go on into its children
//   });
#pragma once
#include "starlark/syntax/names.h"
#include "starlark/syntax/position.h"
#include "starlark/syntax/token.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace fb::starlark::resolve {
struct Binding;     // what a name refers to
struct Function;    // the variables of a function or file
struct Resolution;  // all of a file's
}  // namespace fb::starlark::resolve

namespace fb::starlark::syntax {

// How deep a tree may nest; recursive walkers may rely on it.
inline constexpr int kMaxNesting = 2000;

enum class ExprKind : std::uint8_t {
  kIdent,
  kString,
  kBytes,
  kInt,
  kFloat,
  kList,
  kTuple,
  kDict,
  kUnary,
  kConditional,
  kLambda,
  kComprehension,
  kParen,
  // With a left operand, see left_operand().
  kBinary,
  kCall,
  kDot,
  kIndex,
  kSlice,
};

struct Expr {
  ExprKind kind;
  Span span;

  template <class T>
  const T* as() const {
    return kind == T::kKind ? static_cast<const T*>(this) : nullptr;
  }
  template <class T>
  T* as() {
    return kind == T::kKind ? static_cast<T*>(this) : nullptr;
  }

 protected:
  explicit Expr(ExprKind k) : kind(k) {}
};

template <ExprKind K>
struct ExprOf : Expr {
  static constexpr ExprKind kKind = K;
  ExprOf() : Expr(K) {}
};

struct IdentExpr : ExprOf<ExprKind::kIdent> {
  NameNumber number = 0;  // of its name
  std::string_view name;
  resolve::Binding* binding = nullptr;  // set by the resolver
};
struct StringExpr : ExprOf<ExprKind::kString> {
  std::string_view value;  // unquoted
};
struct BytesExpr : ExprOf<ExprKind::kBytes> {
  std::string_view value;
};
struct IntExpr : ExprOf<ExprKind::kInt> {
  bool small = true;
  std::int64_t value = 0;   // when small
  std::string_view digits;  // as written, with its prefix, when not
};
struct FloatExpr : ExprOf<ExprKind::kFloat> {
  double value = 0;
};
struct ListExpr : ExprOf<ExprKind::kList> {
  std::span<Expr*> items;
};
struct TupleExpr : ExprOf<ExprKind::kTuple> {
  std::span<Expr*> items;
  bool parenthesized = false;
};
struct DictEntry {
  Expr* key = nullptr;
  Position colon;
  Expr* value = nullptr;
};
struct DictExpr : ExprOf<ExprKind::kDict> {
  std::span<DictEntry> entries;
};
enum class ArgumentKind : std::uint8_t { kPositional, kNamed, kStar, kStarStar };
struct Argument {
  ArgumentKind kind = ArgumentKind::kPositional;
  NameNumber number = 0;
  std::string_view name;  // of a named one
  Position position;      // of the name, the star, or the value
  Expr* value = nullptr;
};
struct CallExpr : ExprOf<ExprKind::kCall> {
  Expr* function = nullptr;
  Position paren;  // of the opening parenthesis
  std::span<Argument> arguments;
};
struct DotExpr : ExprOf<ExprKind::kDot> {
  Expr* object = nullptr;
  Position dot;
  NameNumber number = 0;
  std::string_view name;
  Position name_position;
};
struct IndexExpr : ExprOf<ExprKind::kIndex> {
  Expr* object = nullptr;
  Position bracket;
  Expr* index = nullptr;
};
struct SliceExpr : ExprOf<ExprKind::kSlice> {
  Expr* object = nullptr;
  Position bracket;
  Expr* low = nullptr;  // each may be null
  Expr* high = nullptr;
  Expr* step = nullptr;
};
struct UnaryExpr : ExprOf<ExprKind::kUnary> {
  Token op = Token::kNot;  // + - ~ not
  Expr* operand = nullptr;
};
struct BinaryExpr : ExprOf<ExprKind::kBinary> {
  Token op = Token::kPlus;  // also and, or, in, not in
  Position op_position;
  Expr* left = nullptr;
  Expr* right = nullptr;
};
struct ConditionalExpr : ExprOf<ExprKind::kConditional> {
  Expr* condition = nullptr;
  Expr* when_true = nullptr;
  Expr* when_false = nullptr;
};
struct ParenExpr : ExprOf<ExprKind::kParen> {
  Expr* inner = nullptr;
};

enum class ParameterKind : std::uint8_t { kPlain, kStar, kArgs, kKwargs };
struct Parameter {
  ParameterKind kind = ParameterKind::kPlain;
  IdentExpr* name = nullptr;      // null for a bare *
  Expr* default_value = nullptr;  // of a plain one
  Position position;
};
struct LambdaExpr : ExprOf<ExprKind::kLambda> {
  std::span<Parameter> parameters;
  Expr* body = nullptr;
  resolve::Function* function = nullptr;  // set by the resolver
};
struct Clause {
  bool is_for = true;
  Position position;       // of `for` or `if`
  Expr* target = nullptr;  // of a for clause
  Expr* value = nullptr;   // the iterable, or the condition
};
struct ComprehensionExpr : ExprOf<ExprKind::kComprehension> {
  bool is_dict = false;
  Expr* element = nullptr;  // the value; of a dict the key
  Position colon;
  Expr* value = nullptr;  // of a dict
  std::span<Clause> clauses;
};

enum class StmtKind : std::uint8_t {
  kExpression,
  kAssign,
  kDef,
  kIf,
  kFor,
  kWhile,
  kReturn,
  kBranch,
  kLoad,
};

struct Stmt {
  StmtKind kind;
  Span span;

  template <class T>
  const T* as() const {
    return kind == T::kKind ? static_cast<const T*>(this) : nullptr;
  }
  template <class T>
  T* as() {
    return kind == T::kKind ? static_cast<T*>(this) : nullptr;
  }

 protected:
  explicit Stmt(StmtKind k) : kind(k) {}
};

template <StmtKind K>
struct StmtOf : Stmt {
  static constexpr StmtKind kKind = K;
  StmtOf() : Stmt(K) {}
};

using Block = std::span<Stmt*>;

struct ExprStmt : StmtOf<StmtKind::kExpression> {
  Expr* value = nullptr;
};
struct AssignStmt : StmtOf<StmtKind::kAssign> {
  Expr* target = nullptr;
  Token op = Token::kAssign;  // =, or the binary operator of +=, -=, ...
  bool augmented = false;
  Position op_position;
  Expr* value = nullptr;
};
struct DefStmt : StmtOf<StmtKind::kDef> {
  IdentExpr* name = nullptr;
  std::span<Parameter> parameters;
  Block body;
  resolve::Function* function = nullptr;
};
struct IfClause {
  Position position;          // of if, elif, else
  Expr* condition = nullptr;  // null for else
  Block body;
};
struct IfStmt : StmtOf<StmtKind::kIf> {
  std::span<IfClause> clauses;
};
struct ForStmt : StmtOf<StmtKind::kFor> {
  Expr* target = nullptr;
  Expr* iterable = nullptr;
  Block body;
};
struct WhileStmt : StmtOf<StmtKind::kWhile> {
  Expr* condition = nullptr;
  Block body;
};
struct ReturnStmt : StmtOf<StmtKind::kReturn> {
  Expr* value = nullptr;  // may be null
};
struct BranchStmt : StmtOf<StmtKind::kBranch> {
  Token token = Token::kPass;  // pass, break, continue
};
struct LoadedName {
  IdentExpr* local = nullptr;
  std::string_view original;
  Position original_position;
};
struct LoadStmt : StmtOf<StmtKind::kLoad> {
  StringExpr* module = nullptr;
  Position paren;
  std::span<LoadedName> names;
};

// One parsed file. Owns its text and its nodes.
struct File {
  explicit File(std::string path_, std::string source_)
      : path(std::move(path_)), source(std::move(source_)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::string path;
  std::string source;
  std::pmr::monotonic_buffer_resource arena{std::size_t{8} * 1024};
  Names names;
  Block statements;
  std::shared_ptr<resolve::Resolution> resolution;  // set by the resolver

  // The text of a node as it was written.
  std::string_view text(const Span& span) const {
    return std::string_view(source).substr(span.begin_offset, span.end_offset - span.begin_offset);
  }
  // The position after its last character.
  Position end_of(const Span& span) const;
};

// Calls `visit` for every expression, outermost first, in source order; false leaves its children
// out.
using ExprVisitor = std::function<bool(const Expr&)>;
using StmtVisitor = std::function<bool(const Stmt&)>;
void walk(const File& file, const ExprVisitor& visit_expr, const StmtVisitor& visit_stmt = {});
void walk(const Stmt& statement, const ExprVisitor& visit_expr, const StmtVisitor& visit_stmt = {});
void walk(const Expr& expression, const ExprVisitor& visit_expr);

// The operand that is evaluated first and may nest without limit (the left of a binary operator,
// the object of a call, dot, index or slice), or null. Recursive code follows it in a loop, not by
// recursion.
inline const Expr* left_operand(const Expr& e) {
  if (const auto* node = e.as<BinaryExpr>()) return node->left;
  if (e.kind < ExprKind::kCall) return nullptr;
  if (const auto* node = e.as<CallExpr>()) return node->function;
  if (const auto* node = e.as<DotExpr>()) return node->object;
  if (const auto* node = e.as<IndexExpr>()) return node->object;
  return e.as<SliceExpr>()->object;
}
inline Expr* left_operand(Expr& e) {
  return const_cast<Expr*>(left_operand(std::as_const(e)));
}

// What messages call a node that cannot be assigned to ("literal", "callexpr").
std::string_view node_word(const Expr& e);

// The doc string of a function body or file: its first statement, when that is a string.
std::string_view doc_string(Block body);

}  // namespace fb::starlark::syntax
