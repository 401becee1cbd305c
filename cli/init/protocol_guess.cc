#include "cli/init/protocol_guess.h"

#include <algorithm>
#include <fmt/format.h>

namespace fb::cli {
namespace {

struct ImageRow {
  std::string_view part;
  KnownProtocol known;
};
constexpr KnownProtocol kAmqp{"amqp", "amqp", 5672}, kGrpc{"grpc", "grpc", 50051},
    kHttp{"http", "http", 80}, kKafka{"kafka", "kafka", 9092},
    kMemcached{"memcached", "memcached", 11211}, kMongo{"mongodb", "mongo", 27017},
    kMysql{"mysql", "mysql", 3306}, kNats{"nats", "nats", 4222}, kPostgres{"postgres", "pg", 5432},
    kRedis{"redis", "redis", 6379};

constexpr ImageRow kImages[] = {
    {"envoy", kHttp},        {"kafka", kKafka},   {"mariadb", kMysql}, {"memcached", kMemcached},
    {"mongo", kMongo},       {"mysql", kMysql},   {"nats", kNats},     {"nginx", kHttp},
    {"postgres", kPostgres}, {"rabbitmq", kAmqp}, {"redis", kRedis},   {"traefik", kHttp},
    {"valkey", kRedis},
};

constexpr uint16_t kHttpPorts[] = {80, 443, 3000, 8000, 8080, 9090};
constexpr KnownProtocol kPorts[] = {kAmqp,  kGrpc, kKafka,    kMemcached, kMongo,
                                    kMysql, kNats, kPostgres, kRedis};

}  // namespace

std::optional<KnownProtocol> protocol_of_image(std::string_view image) {
  image = image.substr(0, image.find('@'));
  image = image.substr(image.rfind('/') == std::string_view::npos ? 0 : image.rfind('/') + 1);
  image = image.substr(0, image.find(':'));
  const ImageRow* best = nullptr;
  for (const ImageRow& row : kImages) {
    if (image.find(row.part) == std::string_view::npos) continue;
    if (best == nullptr || row.part.size() > best->part.size()) best = &row;
  }
  if (best == nullptr) return std::nullopt;
  return best->known;
}

std::optional<KnownProtocol> protocol_of_port(uint16_t port) {
  for (const KnownProtocol& known : kPorts)
    if (known.port == port) return known;
  if (std::find(std::begin(kHttpPorts), std::end(kHttpPorts), port) != std::end(kHttpPorts))
    return kHttp;
  return std::nullopt;
}

std::string probe_of(std::string_view protocol, std::string_view target) {
  if (protocol == "http") return fmt::format("{}.get(\"/\").status < 500", target);
  if (protocol == "postgres") return fmt::format("{}.query(\"SELECT 1\").ok", target);
  if (protocol == "redis") return fmt::format("{}.ping().ok", target);
  if (protocol == "memcached") return fmt::format("{}.get(\"faultbox\").ok", target);
  return "";
}

}  // namespace fb::cli
