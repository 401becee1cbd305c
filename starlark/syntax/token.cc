#include "starlark/syntax/token.h"

#include <cstddef>

namespace fb::starlark::syntax {

std::string_view token_text(Token token) {
  static constexpr std::string_view kTexts[] = {"illegal token",
                                                "end of file",
                                                "newline",
                                                "indent",
                                                "outdent",
                                                "identifier",
                                                "int literal",
                                                "float literal",
                                                "string literal",
                                                "bytes literal",  //
                                                "'+'",
                                                "'-'",
                                                "'*'",
                                                "'/'",
                                                "'//'",
                                                "'%'",
                                                "'&'",
                                                "'|'",
                                                "'^'",
                                                "'<<'",
                                                "'>>'",  //
                                                "'+='",
                                                "'-='",
                                                "'*='",
                                                "'/='",
                                                "'//='",
                                                "'%='",
                                                "'&='",
                                                "'|='",
                                                "'^='",
                                                "'<<='",
                                                "'>>='",
                                                "'~'",
                                                "'.'",
                                                "','",
                                                "'='",
                                                "';'",
                                                "':'",
                                                "'('",
                                                "')'",
                                                "'['",
                                                "']'",
                                                "'{'",
                                                "'}'",
                                                "'<'",
                                                "'>'",
                                                "'>='",
                                                "'<='",
                                                "'=='",
                                                "'!='",
                                                "'**'",  //
                                                "and",
                                                "break",
                                                "continue",
                                                "def",
                                                "elif",
                                                "else",
                                                "for",
                                                "if",
                                                "in",
                                                "lambda",
                                                "load",
                                                "not",
                                                "or",
                                                "pass",
                                                "return",
                                                "while",
                                                "not in",
                                                "illegal token"};
  return kTexts[static_cast<std::size_t>(token)];
}

bool augmented(Token token, Token& op) {
  if (token < Token::kPlusEq || token > Token::kGtGtEq) return false;
  op = static_cast<Token>(static_cast<int>(token) - static_cast<int>(Token::kPlusEq) +
                          static_cast<int>(Token::kPlus));
  return true;
}

}  // namespace fb::starlark::syntax
