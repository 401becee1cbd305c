// The tokens of the language, in the words of error messages ("got newline, want ':'").
#pragma once
#include <cstdint>
#include <string_view>

namespace fb::starlark::syntax {

enum class Token : std::uint8_t {
  kIllegal,
  kEof,
  kNewline,
  kIndent,
  kOutdent,
  kIdent,
  kInt,
  kFloat,
  kString,
  kBytes,
  // Operators; the order of the plain and the augmented ones is the same.
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kSlashSlash,
  kPercent,
  kAmp,
  kPipe,
  kCaret,
  kLtLt,
  kGtGt,
  kPlusEq,
  kMinusEq,
  kStarEq,
  kSlashEq,
  kSlashSlashEq,
  kPercentEq,
  kAmpEq,
  kPipeEq,
  kCaretEq,
  kLtLtEq,
  kGtGtEq,
  kTilde,
  kDot,
  kComma,
  kAssign,
  kSemi,
  kColon,
  kLParen,
  kRParen,
  kLBrack,
  kRBrack,
  kLBrace,
  kRBrace,
  kLt,
  kGt,
  kGe,
  kLe,
  kEq,
  kNe,
  kStarStar,
  // Keywords.
  kAnd,
  kBreak,
  kContinue,
  kDef,
  kElif,
  kElse,
  kFor,
  kIf,
  kIn,
  kLambda,
  kLoad,
  kNot,
  kOr,
  kPass,
  kReturn,
  kWhile,
  kNotIn,     // made by the parser
  kReserved,  // class, import, try, ...: never legal
};

// As in "got X, want Y": quoted punctuation, bare keywords and classes ("identifier").
std::string_view token_text(Token token);

// True for += and its kind; `op` becomes the plain operator.
bool augmented(Token token, Token& op);

}  // namespace fb::starlark::syntax
