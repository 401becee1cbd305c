// The compiler of one function: names to registers, expressions to instructions. Private to eval/;
// the expressions are in compile_expression.cc, the statements in compile_statement.cc, the whole
// program in compiler.cc.
#pragma once
#include "starlark/eval/host_object.h"
#include "starlark/eval/program.h"
#include "starlark/resolve/resolver.h"
#include "starlark/syntax/ast.h"
#include "starlark/syntax/small_map.h"

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
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

template <class T>
using Few = boost::container::small_vector<T, 8>;
using Jumps = Few<std::size_t>;  // whose targets are not known yet

// Which locals certainly have a value: what makes most "referenced before assignment" tests
// needless.
class Flow {
 public:
  bool dead = false;  // after return, break, continue

  explicit Flow(std::size_t locals = 0) : assigned_((locals + 63) / 64) {}
  bool assigned(std::size_t local) const {
    return (assigned_[local / 64] >> (local % 64) & 1) != 0;
  }
  void assign(std::size_t local) { assigned_[local / 64] |= std::uint64_t{1} << (local % 64); }
  // What holds where two ways come together.
  void meet(const Flow& other) {
    if (other.dead) return;
    if (dead) {
      *this = other;
      return;
    }
    for (std::size_t i = 0; i < assigned_.size(); ++i) assigned_[i] &= other.assigned_[i];
  }

 private:
  boost::container::small_vector<std::uint64_t, 2> assigned_;
};

// The tables of the function at hand, until they are copied into the program's arena.
struct Tables {
  std::vector<Instruction> code;
  std::vector<LineEntry> lines;
  std::vector<Value> constants;
  std::vector<Symbol> names;
  std::vector<CallSite> sites;
  SmallMap<std::uint64_t, std::size_t> known_constants;  // by the word of the value
  SmallMap<NameNumber, std::size_t> known_names;
};

// What the compilers of all functions of one program share.
class Shared {
 public:
  Shared(Program& program_, std::size_t names) : program(program_), symbols_(names) {}

  Symbol symbol(NameNumber number, std::string_view text) {
    Symbol& known = symbols_[number];
    if (!known) known = Symbol(text);
    return known;
  }
  // A copy in the program's arena.
  template <class Items, class T = typename Items::value_type>
  std::span<T> keep(const Items& items) {
    if (items.empty()) return {};
    T* copy = static_cast<T*>(program.arena.allocate(items.size() * sizeof(T), alignof(T)));
    std::uninitialized_copy_n(items.data(), items.size(), copy);
    return {copy, items.size()};
  }

  Program& program;
  Tables tables;
  std::optional<Diagnostic> error;

 private:
  std::vector<Symbol> symbols_;
};

class FunctionCompiler {
 public:
  FunctionCompiler(Shared& shared, const resolve::Function& source, FunctionCode& out)
      : shared_(shared), tables_(shared.tables), source_(source), out_(out) {}

  void run();

 private:
  // Code.
  std::size_t emit(Op op, std::size_t a = 0, std::size_t b = 0, std::size_t c = 0) {
    if (position_ != recorded_ && position_.known()) {
      tables_.lines.push_back({static_cast<std::uint32_t>(tables_.code.size()), position_});
      recorded_ = position_;
    }
    tables_.code.push_back(Instruction{op, static_cast<std::uint16_t>(a),
                                       static_cast<std::uint16_t>(b),
                                       static_cast<std::uint16_t>(c)});
    return tables_.code.size() - 1;
  }
  std::size_t emit_bx(Op op, std::size_t a, std::int64_t bx) {
    const std::size_t at = emit(op, a);
    tables_.code[at].set_bx(static_cast<std::int32_t>(bx));
    return at;
  }
  void at(Position position) { position_ = position; }
  std::size_t here() const { return tables_.code.size(); }
  // Makes the jump at `from` lead here.
  void patch(std::size_t from) { patch_to(from, here()); }
  void patch_to(std::size_t from, std::size_t to) {
    tables_.code[from].set_bx(static_cast<std::int32_t>(static_cast<std::int64_t>(to) -
                                                        static_cast<std::int64_t>(from) - 1));
  }
  void patch_all(Jumps& jumps) {
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
    const std::uint64_t word = value.bits();
    if (const std::size_t* known = tables_.known_constants.find(word)) return *known;
    Heap::make_immortal(value);
    tables_.constants.push_back(std::move(value));
    tables_.known_constants.add(word, tables_.constants.size() - 1);
    return tables_.constants.size() - 1;
  }
  std::size_t string_constant(std::string_view text);
  std::size_t literal(const Expr& e);
  bool is_literal(const Expr& e) const {
    return e.kind == ExprKind::kString || e.kind == ExprKind::kInt || e.kind == ExprKind::kFloat ||
           e.kind == ExprKind::kBytes;
  }
  std::size_t name(const DotExpr& dot);

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
  void condition(const Expr& e, bool jump_if, Jumps& jumps);

  // Names.
  // A check does not make the local "assigned": it may stand in a branch that is not taken.
  void check_local(const IdentExpr& e) {
    at(e.span.start);
    const std::uint32_t index = e.binding->index;
    if (!flow_.assigned(index)) emit_bx(Op::kCheckLocal, index, index);
  }
  bool plain_local(const Binding& b) const { return b.scope == Scope::kLocal; }
  void store(const Expr& target, Reg value, Position where);
  void store_name(const IdentExpr& e, Reg value);
  void mark_assigned(const Binding& b) {
    if (b.scope == Scope::kLocal || b.scope == Scope::kCell) flow_.assign(b.index);
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
    Jumps breaks;
    Jumps continues;
  };

  Shared& shared_;
  Tables& tables_;
  const resolve::Function& source_;
  FunctionCode& out_;
  std::size_t top_ = 0;
  Position position_;
  Position recorded_;
  Flow flow_;
  std::vector<Loop*> loops_;
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
