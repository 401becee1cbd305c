// One client connection and the one connection to the server that is made for it, with the Session
// between them. Bounded: who sends faster than the other side reads is not read from. Ends of
// stream and resets keep their kind and their direction.
#pragma once
#include "core/runtime/proxying.h"
#include "core/sched/clock.h"
#include "core/sched/partitions.h"
#include "proxies/proxy/protocol_proxy.h"
#include "proxies/proxy/session.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace fb {

class Connection final : private SessionHost {
 public:
  // `over` is called once, from the loop, when there is nothing left to do.
  Connection(ProxiedConnection connection, const ProtocolProxy& protocol, MessageJudge& judge,
             Clock& clock, std::function<void(Connection&)> over);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A scope of rules has ended: what it holds goes on.
  void scope_ended(uint64_t scope);
  // Partitions as they are now: a connection between two that are cut is reset, or its bytes are
  // not taken any more until that is over.
  void partitioned(const PartitionSet& partitions);

 private:
  // One side of the connection as the owner of its Duplex.
  class Side final : public Duplex::Owner {
   public:
    Side(Connection& whole, bool client) : whole_(whole), client_(client) {}
    void received(std::string_view bytes) override;
    void ended() override;
    void broken() override;
    void drained() override;

   private:
    Connection& whole_;
    bool client_;
  };
  // A further connection to the server, until the server ends it.
  class Elsewhere final : public Duplex::Owner {
   public:
    Elsewhere(std::unique_ptr<Duplex> duplex, std::string_view bytes, std::function<void()> over);
    void received(std::string_view) override {}
    void ended() override { end(); }
    void broken() override { end(); }
    void drained() override {}
    void end();

   private:
    std::unique_ptr<Duplex> duplex_;
    std::function<void()> over_;
  };
  struct Waiting {
    std::vector<uint64_t> scopes;
    std::function<void()> go;
    std::unique_ptr<Timer> timer;
  };

  void to_server(std::string_view bytes) override;
  void to_client(std::string_view bytes) override;
  void finish_server() override;
  void finish_client() override;
  void end(Ending how) override;
  bool watched(ProtocolActions actions) const override;
  MessageVerdict judge(const Asked& asked) override;
  bool in_force(const ProtocolRuleState& rule) const override;
  double draw(const MessageVerdict& verdict, unsigned k) override;
  void after_delay(const MessageVerdict& verdict, std::function<void()> go) override;
  void after(Duration time, std::function<void()> go) override;
  void send_elsewhere(std::string bytes, std::function<void()> done) override;
  void lost_track(std::string_view why, bool is_tls) override;
  void unfilterable(std::string_view why) override;

  void wait(Duration time, std::vector<uint64_t> scopes, std::function<void()> go);
  void wake(std::list<Waiting>::iterator waiting);
  // What the session has sent since is given to the network in one piece.
  void flush();
  void balance();
  void retire();

  const ServiceId source_;
  const InterfaceId target_;
  MessageJudge& judge_;
  Clock& clock_;
  std::function<void(Connection&)> over_;
  Side client_side_, server_side_;
  std::unique_ptr<Duplex> client_, server_;
  std::unique_ptr<Session> session_;
  std::list<Waiting> waiting_;
  std::string up_, down_;  // not yet given to the network
  std::function<std::unique_ptr<Duplex>()> dial_;
  std::list<Elsewhere> elsewhere_;
  bool client_finished_ = false, server_finished_ = false;  // no more is sent there
  bool client_ended_ = false, server_ended_ = false;        // no more comes from there
  bool closing_ = false;                    // the proxy has ended it; the client may still read
  bool cut_up_ = false, cut_down_ = false;  // by a partition
  bool retired_ = false;
  std::unique_ptr<Timer> retiring_;
};

}  // namespace fb
