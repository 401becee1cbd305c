// The compiler of one function: names to registers, expressions to instructions. Private to eval/;
// the expressions are in compile_expression.cc, the statements in compile_statement.cc, the whole
// program in compiler.cc.
#pragma once
#include "starlark/eval/host_object.h"
#include "starlark/eval/program.h"
#include "starlark/resolve/resolver.h"
#include "starlark/syntax/ast.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fb::starlark::compile_detail {

using namespace syntax;  // NOLINT: the tree's names are this file's subject
using resolve::Binding;
using resolve::Scope;

using Reg = std::uint16_t;
using Operand = std::uint16_t;  // a register or a constant

inline constexpr std::size_t kMaxRegisters = 0x7FF0;
inline constexpr std::size_t kDisplayInRegisters = 64;  // longer lists and tuples are appended to

// Which locals certainly have a value: what makes most "referenced before assignment" tests
// needless.
struct Flow {
  std::vector<bool> assigned;
  bool dead = false;  // after return, break, continue

  void meet(const Flow& other) {
    if (other.dead) return;
    if (dead) {
      *this = other;
      return;
    }
    for (std::size_t i = 0; i < assigned.size(); ++i) {
      assigned[i] = assigned[i] && other.assigned[i];
    }
  }
};

struct Shared {
  Program& program;
  std::unordered_map<const resolve::Function*, std::size_t> function_index;
  std::optional<Diagnostic> error;
};

class FunctionCompiler {
 public:
  FunctionCompiler(Shared& shared, const resolve::Function& source, FunctionCode& out)
      : shared_(shared), source_(source), out_(out) {}

  void run();

 private:
  // Code.
  std::size_t emit(Op op, std::size_t a = 0, std::size_t b = 0, std::size_t c = 0) {
    if (position_ != recorded_ && position_.known()) {
      out_.lines.push_back({static_cast<std::uint32_t>(out_.code.size()), position_});
      recorded_ = position_;
    }
    out_.code.push_back(Instruction{op, static_cast<std::uint16_t>(a),
                                    static_cast<std::uint16_t>(b), static_cast<std::uint16_t>(c)});
    return out_.code.size() - 1;
  }
  std::size_t emit_bx(Op op, std::size_t a, std::int64_t bx) {
    const std::size_t at = emit(op, a);
    out_.code[at].set_bx(static_cast<std::int32_t>(bx));
    return at;
  }
  void at(Position position) { position_ = position; }
  std::size_t here() const { return out_.code.size(); }
  // Makes the jump at `from` lead here.
  void patch(std::size_t from) { patch_to(from, here()); }
  void patch_to(std::size_t from, std::size_t to) {
    out_.code[from].set_bx(static_cast<std::int32_t>(static_cast<std::int64_t>(to) -
                                                     static_cast<std::int64_t>(from) - 1));
  }
  void patch_all(std::vector<std::size_t>& jumps) {
    for (std::size_t jump : jumps) patch(jump);
    jumps.clear();
  }
  void loop_to(std::size_t target) { patch_to(emit_bx(Op::kLoop, 0, 0), target); }
  void fail(Position where, std::string message) {
    if (!shared_.error) shared_.error = Diagnostic{where, std::move(message)};
  }

  // Registers: locals first, then a stack of temporaries.
  Reg temp() {
    if (top_ >= kMaxRegisters) {
      fail(position_, "expression too complex");
      top_ = out_.locals;
    }
    const auto reg = static_cast<Reg>(top_++);
    if (top_ > out_.registers) out_.registers = static_cast<std::uint16_t>(top_);
    return reg;
  }
  struct Mark {
    explicit Mark(FunctionCompiler& compiler) : compiler_(compiler), top_(compiler.top_) {}
    ~Mark() { compiler_.top_ = top_; }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;
    FunctionCompiler& compiler_;
    std::size_t top_;
  };

  // Constants and names.
  std::size_t constant(Value value) {
    Heap::make_immortal(value);
    out_.constants.push_back(std::move(value));
    return out_.constants.size() - 1;
  }
  std::size_t string_constant(std::string_view text);
  std::size_t literal(const Expr& e);
  bool is_literal(const Expr& e) const {
    return e.kind == ExprKind::kString || e.kind == ExprKind::kInt || e.kind == ExprKind::kFloat ||
           e.kind == ExprKind::kBytes;
  }
  std::size_t name(std::string_view text);

  // Expressions. to(): the value lands in `dest`. operand(): in a register or constant of its own
  // choice.
  Operand operand(const Expr& e);
  Reg in_register(const Expr& e);
  Reg in_temp(const Expr& e) {
    const Reg reg = temp();
    to(e, reg);
    return reg;
  }
  void to(const Expr& e, Reg dest);
  void leaf_to(const Expr& e, Reg dest);
  void spine_to(const Expr& e, Reg dest);
  void ident(const IdentExpr& e, Reg dest);
  void move_to(Reg dest, Operand from);
  void take_to(Reg dest, Reg from) {
    if (dest != from) emit(Op::kTake, dest, from);
  }
  void link(const Expr& e, Operand left, Reg result, Reg accumulator);
  void binary(const BinaryExpr& e, Operand left, Reg result, Reg accumulator);
  void slice(const SliceExpr& e, Operand left, Reg result);
  void call(const CallExpr& e, Reg base);
  void display(std::span<Expr*> items, Reg dest, bool tuple);
  void comprehension(const ComprehensionExpr& e, Reg dest);
  void clauses(const ComprehensionExpr& e, std::size_t i, Reg result);
  std::size_t next_item(Reg iterator, const Expr& target, Position where);
  void make_function(const resolve::Function& f, Reg dest);
  void condition(const Expr& e, bool jump_if, std::vector<std::size_t>& jumps);

  // Names.
  // A check does not make the local "assigned": it may stand in a branch that is not taken.
  void check_local(const IdentExpr& e) {
    at(e.span.start);
    const std::uint32_t index = e.binding->index;
    if (!flow_.assigned[index]) emit_bx(Op::kCheckLocal, index, index);
  }
  bool plain_local(const Binding& b) const { return b.scope == Scope::kLocal; }
  void store(const Expr& target, Reg value, Position where);
  void store_name(const IdentExpr& e, Reg value);
  void mark_assigned(const Binding& b) {
    if (b.scope == Scope::kLocal || b.scope == Scope::kCell) flow_.assigned[b.index] = true;
  }

  // Statements.
  void block(Block statements) {
    for (const Stmt* s : statements) statement(*s);
  }
  void statement(const Stmt& s);
  void assign(const AssignStmt& s);
  void augmented_assign(const AssignStmt& s);
  void if_statement(const IfStmt& s);
  void for_statement(const ForStmt& s);
  void while_statement(const WhileStmt& s);
  void load(const LoadStmt& s);

  struct Loop {
    std::vector<std::size_t> breaks;
    std::vector<std::size_t> continues;
  };

  Shared& shared_;
  const resolve::Function& source_;
  FunctionCode& out_;
  std::size_t top_ = 0;
  Position position_;
  Position recorded_;
  Flow flow_;
  std::vector<Loop*> loops_;
  std::unordered_map<std::string_view, std::size_t> strings_;
  std::unordered_map<std::int64_t, std::size_t> ints_;
  std::unordered_map<std::string_view, std::size_t> names_;
};

inline std::optional<BinaryOp> arithmetic(Token token) {
  if (token >= Token::kPlus && token <= Token::kGtGt) {
    static constexpr BinaryOp kOps[] = {
        BinaryOp::kAdd,         BinaryOp::kSubtract,  BinaryOp::kMultiply,  BinaryOp::kDivide,
        BinaryOp::kFloorDivide, BinaryOp::kModulo,    BinaryOp::kAnd,       BinaryOp::kOr,
        BinaryOp::kXor,         BinaryOp::kShiftLeft, BinaryOp::kShiftRight};
    return kOps[static_cast<int>(token) - static_cast<int>(Token::kPlus)];
  }
  if (token == Token::kIn) return BinaryOp::kIn;
  if (token == Token::kNotIn) return BinaryOp::kNotIn;
  return std::nullopt;
}

// == != < <= > >= as an offset from Op::kEqual; -1 for others.
inline int comparison(Token token) {
  if (token == Token::kEq) return 0;
  if (token == Token::kNe) return 1;
  if (token == Token::kLt) return 2;
  if (token == Token::kLe) return 3;
  if (token == Token::kGt) return 4;
  if (token == Token::kGe) return 5;
  return -1;
}

inline Op op_plus(Op base, int offset) {
  return static_cast<Op>(static_cast<int>(base) + offset);
}

inline const Expr& unparenthesized(const Expr& e) {
  const Expr* inner = &e;
  while (const auto* paren = inner->as<ParenExpr>()) inner = paren->inner;
  return *inner;
}

}  // namespace fb::starlark::compile_detail
