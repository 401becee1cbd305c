#include "proxies/postgres/codec/client.h"

#include <fmt/format.h>

namespace fb {
namespace {

constexpr size_t kResultMax = 64 * 1024 * 1024;

// AuthenticationXXX codes.
constexpr uint32_t kOk = 0, kClear = 3, kMd5 = 5, kSasl = 10, kSaslContinue = 11, kSaslFinal = 12;

uint32_t take_int32(std::string_view& body) {
  if (body.size() < 4) {
    body = {};
    return 0;
  }
  const uint32_t value = read_postgres_int32(body);
  body.remove_prefix(4);
  return value;
}

int take_int16(std::string_view& body) {
  if (body.size() < 2) {
    body = {};
    return 0;
  }
  const int value = static_cast<unsigned char>(body[0]) << 8 | static_cast<unsigned char>(body[1]);
  body.remove_prefix(2);
  return value;
}

std::string text(std::string_view value) {
  return std::string(value) + '\0';
}

}  // namespace

std::string PostgresClient::startup() const {
  const std::string body = postgres_int32(196608) + text("user") + text(login_.user) +
                           text("database") +
                           text(login_.database.empty() ? login_.user : login_.database) +
                           text("application_name") + text("faultbox") + '\0';
  return postgres_int32(static_cast<int64_t>(body.size()) + 4) + body;
}

PostgresClient::State PostgresClient::feed(std::string_view bytes, std::string& out) {
  while (state_ == State::kNeedMore) {
    size_t used = 0;
    const PostgresReader::Event event = reader_.take(bytes, used);
    const std::string_view piece = bytes.substr(0, used);
    bytes = bytes.substr(used);
    switch (event) {
      case PostgresReader::Event::kMore:
        return state_;
      case PostgresReader::Event::kHead:
        body_.clear();
        break;
      case PostgresReader::Event::kBody:
        body_.append(piece);
        if (body_.size() > kResultMax) fail("a message of the server is too long");
        break;
      case PostgresReader::Event::kEnd:
        message(out);
        break;
      case PostgresReader::Event::kBad:
        fail("what answers does not speak PostgreSQL's protocol");
        break;
    }
  }
  return state_;
}

void PostgresClient::fail(std::string text_of_error) {
  error_ = std::move(text_of_error);
  state_ = State::kError;
}

void PostgresClient::message(std::string& out) {
  switch (reader_.type()) {
    case 'R':
      return authentication(out);
    case 'E':
      read_error();
      // Before a session there is nothing that follows.
      if (!sent_) state_ = State::kError;
      return;
    case 'T':
      return read_columns();
    case 'D':
      return read_row();
    case 'C':
      result_.complete = body_.substr(0, body_.find('\0'));
      return;
    case 'G':
      out += postgres_message('f', text("COPY is not possible in a step"));
      return;
    case 'Z':
      if (sent_) {
        state_ = error_.empty() ? State::kDone : State::kError;
        out += postgres_message('X', "");
        return;
      }
      sent_ = true;
      out += postgres_message('Q', text(statement_));
      return;
    default:
      return;  // parameters, notices, notifications
  }
}

void PostgresClient::authentication(std::string& out) {
  asked_ = true;
  std::string_view rest = body_;
  switch (const uint32_t code = take_int32(rest)) {
    case kOk:
      return;
    case kClear:
      out += postgres_message('p', text(login_.password));
      return;
    case kMd5:
      out += postgres_message('p',
                              text(postgres_md5(login_.user, login_.password, rest.substr(0, 4))));
      return;
    case kSasl: {
      const std::string first = scram_.first_message();
      if (rest.find("SCRAM-SHA-256") == std::string_view::npos)
        return fail("the server offers no SASL mechanism that steps have");
      out += postgres_message(
          'p', text("SCRAM-SHA-256") + postgres_int32(static_cast<int64_t>(first.size())) + first);
      return;
    }
    case kSaslContinue: {
      const Result<std::string> answer = scram_.final_message(rest);
      if (!answer.ok()) return fail(answer.error().message);
      out += postgres_message('p', *answer);
      return;
    }
    case kSaslFinal:
      if (!scram_.verify(rest)) fail("the server does not know the password it asks for");
      return;
    default:
      return fail(fmt::format("the server asks for authentication of kind {}", code));
  }
}

void PostgresClient::read_error() {
  if (!error_.empty()) return;
  std::string severity = "ERROR", message_text;
  std::string_view rest = body_;
  while (!rest.empty() && rest[0] != '\0') {
    const char field = rest[0];
    rest.remove_prefix(1);
    const auto value = take_postgres_text(rest);
    if (!value) break;
    if (field == 'S') severity = *value;
    if (field == 'C') sqlstate_ = *value;
    if (field == 'M') message_text = *value;
  }
  error_ = fmt::format("{}: {} (SQLSTATE {})", severity, message_text, sqlstate_);
}

void PostgresClient::read_columns() {
  std::string_view rest = body_;
  result_.columns.clear();
  result_.rows.clear();  // of an earlier statement of the same text
  for (int left = take_int16(rest); left > 0 && !rest.empty(); --left) {
    const auto name = take_postgres_text(rest);
    if (!name) return fail("a row description is malformed");
    take_int32(rest);
    take_int16(rest);
    const uint32_t type = take_int32(rest);
    take_int16(rest);
    take_int32(rest);
    take_int16(rest);
    result_.columns.push_back({std::string(*name), type});
  }
}

void PostgresClient::read_row() {
  std::string_view rest = body_;
  auto& row = result_.rows.emplace_back();
  for (int left = take_int16(rest); left > 0; --left) {
    if (rest.size() < 4) return fail("a row is malformed");
    const uint32_t size = take_int32(rest);
    if (size == 0xffffffff) {
      row.push_back(std::nullopt);
      continue;
    }
    if (size > rest.size()) return fail("a row is malformed");
    row.emplace_back(std::string(rest.substr(0, size)));
    rest.remove_prefix(size);
  }
}

}  // namespace fb
