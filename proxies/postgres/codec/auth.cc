#include "proxies/postgres/codec/auth.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <optional>

namespace fb {
namespace {

constexpr int kIterationsMax = 10'000'000;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string digest(const EVP_MD* algorithm, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), out.data(), &size, algorithm, nullptr);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), raw(text), text.size(), out.data(),
       &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), raw(bytes),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), raw(text),
                      static_cast<int>(text.size())) < 0)
    return std::nullopt;
  // The padding was decoded too.
  for (size_t i = text.size(); i > 0 && text[i - 1] == '='; --i) out.pop_back();
  return out;
}

// The value of `x=` in "a=…,b=…".
std::string_view attribute(std::string_view message, char name) {
  while (!message.empty()) {
    const size_t comma = message.find(',');
    const std::string_view part = message.substr(0, comma);
    if (part.size() >= 2 && part[0] == name && part[1] == '=') return part.substr(2);
    if (comma == std::string_view::npos) break;
    message = message.substr(comma + 1);
  }
  return {};
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

}  // namespace

std::string postgres_md5(std::string_view user, std::string_view password, std::string_view salt) {
  const std::string inner = hex(digest(EVP_md5(), std::string(password) + std::string(user)));
  return "md5" + hex(digest(EVP_md5(), inner + std::string(salt)));
}

std::string ScramClient::first_message() const {
  return "n,,n=,r=" + nonce_;
}

Result<std::string> ScramClient::final_message(std::string_view server_first) {
  const std::string_view nonce = attribute(server_first, 'r');
  const auto salt = from_base64(attribute(server_first, 's'));
  const std::string_view count = attribute(server_first, 'i');
  int iterations = 0;
  std::from_chars(count.data(), count.data() + count.size(), iterations);
  if (!nonce.starts_with(nonce_) || !salt || iterations < 1 || iterations > kIterationsMax)
    return failed("the server's SCRAM message is malformed");
  std::array<unsigned char, 32> salted;
  PKCS5_PBKDF2_HMAC(password_.data(), static_cast<int>(password_.size()), raw(*salt),
                    static_cast<int>(salt->size()), iterations, EVP_sha256(), salted.size(),
                    salted.data());
  const std::string key(reinterpret_cast<const char*>(salted.data()), salted.size());
  const std::string client_key = hmac(key, "Client Key");
  const std::string without_proof = fmt::format("c=biws,r={}", nonce);
  const std::string signed_text = fmt::format("n=,r={},{},{}", nonce_, server_first, without_proof);
  const std::string signature = hmac(digest(EVP_sha256(), client_key), signed_text);
  server_signature_ = base64(hmac(hmac(key, "Server Key"), signed_text));
  return fmt::format("{},p={}", without_proof, base64(exclusive_or(client_key, signature)));
}

bool ScramClient::verify(std::string_view server_final) const {
  return attribute(server_final, 'v') == server_signature_;
}

}  // namespace fb
