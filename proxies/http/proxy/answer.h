// Responses of our own, and changes to those of the server: what response() and error() of an http
// interface put on the wire.
#pragma once
#include "core/model/protocol_rule.h"
#include "proxies/http/codec/head.h"

#include <string>
#include <string_view>

namespace fb {

// A whole response as the rule wants it. `closing`: it says that the connection ends with it.
std::string http_answer(const ProtocolRule& rule, const HttpRequestHead& request, bool closing);
// The head of a real response with the rule's headers set and removed.
std::string http_rewritten_head(std::string_view head, const ProtocolRule& rule);
// The request's head, with which the server keeps the connection for another one.
std::string http_kept_alive_head(std::string_view head);
// And one with which it ends the connection after the response.
std::string http_closing_head(std::string_view head);

}  // namespace fb
