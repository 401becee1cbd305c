// Compiled code. Registers per call, fixed 64-bit instructions: an opcode and three 16-bit
// operands, or one operand and a 32-bit number. An operand "rk" is a register, or with kConstantBit
// an entry of the constant table. Jumps count instructions from the one after. Instructions marked
// +J are followed by a jump word.
#pragma once
#include "starlark/eval/heap.h"
#include "starlark/eval/value.h"
#include "starlark/syntax/ast.h"
#include "starlark/syntax/dialect.h"
#include "starlark/syntax/position.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fb::starlark {

inline constexpr std::uint16_t kConstantBit = 0x8000;
inline constexpr std::uint16_t kKeywordsBit =
    0x8000;  // of Call's b: the call site has names or stars
inline constexpr std::uint16_t kNoSite = 0xFFFF;

// X(name): one list for the enumeration and the dispatch table.
// clang-format off
#define FB_STARLARK_OPCODES(X)                                                                     \
  X(Jump)         /* pc += bx */                                                                   \
  X(Loop)         /* pc += bx, backwards: counts a step */                                         \
  X(JumpFalse)    /* if not a: pc += bx */                                                         \
  X(JumpTrue)     /* if a: pc += bx */                                                             \
  X(LoadConstant) /* a = constant bx */                                                            \
  X(LoadNone)                                                                                      \
  X(LoadTrue)                                                                                      \
  X(LoadFalse)                                                                                     \
  X(LoadInt)    /* a = bx */                                                                       \
  X(Move)       /* a = b */                                                                        \
  X(Take)       /* a = b, b = nothing */                                                           \
  X(Clear)      /* a = nothing */                                                                  \
  X(CheckLocal) /* a is assigned, or fails naming local bx */                                      \
  X(GetGlobal)                                                                                     \
  X(SetGlobal)                                                          /* a, slot bx */           \
      X(GetPredeclared)                                                 /* a = predeclared bx */   \
      X(MakeCell)                                                       /* a = cell(a) */          \
      X(GetCell)                                                        /* a = *cell b */          \
      X(SetCell)                                                        /* *cell a = b */          \
      X(GetFree)                                                        /* a = *free cell bx */    \
      X(Add) X(Subtract) X(Multiply) X(Divide) X(FloorDivide) X(Modulo) /* a = rk b OP rk c */     \
      X(And) X(Or) X(Xor) X(ShiftLeft) X(ShiftRight) X(In) X(NotIn) X(AddInPlace) X(OrInPlace)     \
          X(AndInPlace) X(XorInPlace)                                      /* += |= &= ^= */       \
      X(Equal) X(NotEqual) X(Less) X(LessEqual) X(Greater) X(GreaterEqual) /* a = rk b OP rk c */  \
      X(IfEqual) X(IfNotEqual) X(IfLess) X(IfLessEqual) X(IfGreater) X(IfGreaterEqual) X(IfIn)     \
          X(IfNotIn) /* +J: if (rk b OP rk c) == a: take the jump word, else skip it */            \
      X(Not) X(Negate) X(Plus) X(Invert) /* a = OP rk b */                                         \
      X(Index)                           /* a = rk b [rk c] */                                     \
      X(SetIndex)                        /* rk a [rk b] = rk c */                                  \
      X(Slice)                           /* a = b[c : c+1 : c+2] */                                \
      X(Attribute)                       /* a = rk b . name c */                                   \
      X(SetAttribute)                    /* rk a . name c = rk b */                                \
      X(Method) /* a, a+1 = what b . name c calls: a function and nothing, or a method and b */    \
      X(MakeTuple) X(MakeList) /* a = b .. b+c-1, which become nothing */                          \
      X(MakeDict)              /* a = {}, with room for b */                                       \
      X(DictUnique)            /* a[rk b] = rk c, which must be new */                             \
      X(DictSet)               /* a[rk b] = rk c */                                                \
      X(Append)                /* list a: append rk b */                                           \
      X(ListToTuple)           /* a = tuple(list a) */                                             \
      X(Unpack)                /* b .. b+c-1 = items of rk a */                                    \
      X(Iterate)               /* a = iterator over rk b */                                        \
      X(Next)                  /* +J: b = next of iterator a, or clear a and take the jump word */ \
      X(MakeFunction)          /* a = closure of function bx; defaults in a, a+1, ... */           \
      X(Call)   /* a = a(a+2 ...): b positional (kKeywordsBit: and more), call site c */           \
      X(Return) /* rk a */                                                                         \
      X(Load)   /* load statement bx */

// clang-format on

enum class Op : std::uint16_t {
#define X(name) k##name,
  FB_STARLARK_OPCODES(X)
#undef X
};

struct Instruction {
  Op op;
  std::uint16_t a = 0;
  std::uint16_t b = 0;
  std::uint16_t c = 0;

  std::int32_t bx() const {
    return static_cast<std::int32_t>(b | (static_cast<std::uint32_t>(c) << 16));
  }
  void set_bx(std::int32_t x) {
    b = static_cast<std::uint16_t>(static_cast<std::uint32_t>(x) & 0xFFFF);
    c = static_cast<std::uint16_t>(static_cast<std::uint32_t>(x) >> 16);
  }
};
static_assert(sizeof(Instruction) == 8);

struct FunctionCode;
struct BuiltinInfo;

// What a call looks like, and how its keywords map to the parameters of the last callee.
struct CallSite {
  std::uint16_t positional = 0;
  bool star = false;       // *args in the register after the named values
  bool star_star = false;  // **kwargs in the next one
  std::span<const Symbol> names;
  std::span<const std::pair<std::uint32_t, std::uint32_t>> spans;  // of argument sources, in order

  // Written by the one thread that runs: named value i goes to parameter slots[i] of `callee`.
  mutable const void* callee = nullptr;
  std::span<std::uint16_t> slots;  // as many as names
};

struct LineEntry {
  std::uint32_t pc;
  Position position;
};

class Program;

struct LoadSite {
  std::string module;
  struct Name {
    Symbol original;
    std::uint32_t slot;  // among the module's globals
  };
  std::vector<Name> names;
};

// Its tables lie in the arena of its Program.
struct FunctionCode {
  const Program* program = nullptr;
  std::string_view name;
  std::string_view doc;
  Position position;        // of def or lambda
  Position entry_position;  // of the first thing it does: where binding errors are shown
  std::span<const Instruction> code;
  std::span<const LineEntry> lines;
  std::span<const Value> constants;  // immortal: never counted
  std::span<const Symbol> names;     // of attributes
  std::span<const CallSite> sites;
  std::span<const Symbol> local_names;
  std::span<const Symbol> free_names;
  std::span<const Symbol> parameters;  // positional, keyword-only, then *args and **kwargs
  std::uint16_t positional = 0;        // parameters before any *
  std::uint16_t keyword_only = 0;
  std::uint16_t first_default = 0;  // parameters from here on may have one
  bool has_args = false;
  bool has_kwargs = false;
  std::uint16_t registers = 0;
  std::uint16_t locals = 0;
  struct Capture {
    bool from_free;  // of the enclosing function's free variables, else of its registers
    std::uint16_t index;
  };
  std::span<const Capture> captures;

  std::uint16_t fixed() const { return static_cast<std::uint16_t>(positional + keyword_only); }
  Position position_at(const Instruction* pc) const;
};

// One compiled file: immutable, shared by all evaluations.
class Program {
 public:
  Program() = default;
  ~Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const std::string& path() const { return path_; }
  const std::string& source() const { return source_; }
  // The tree, when the Interpreter was told to keep it.
  const syntax::File* syntax() const { return syntax_.get(); }

  std::pmr::monotonic_buffer_resource arena;
  Heap constants;                      // owns what the tables of functions point to
  std::deque<FunctionCode> functions;  // [0] is the top level
  std::vector<std::string> globals;    // slots; the file's own names, then loaded ones
  std::size_t exported = 0;            // how many of them are its own
  std::vector<Symbol> predeclared;
  std::vector<LoadSite> loads;
  bool recursion = false;

  std::string path_;
  std::string source_;
  std::shared_ptr<const syntax::File> syntax_;
};

}  // namespace fb::starlark
