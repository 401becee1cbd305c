// What keeps the executions of a test apart from the host and from each other (spec §5), from the
// inside of a worker process: a network of its own, copy-on-write views of /tmp and /var/tmp, a
// hosts file in which localhost is 127.0.0.1 and nothing else. Everything hangs on the namespaces
// of the worker and is gone with it, however it ends. Where the kernel refuses a resource, that one
// stays shared and the report says why.
//
//   /etc/hosts ── bind: one line on a tmpfs                        once per worker
//   /tmp       ── overlay: host's /tmp below, tmpfs above          anew per execution
//   /var/tmp   ── the same
//   /dev/shm   ── tmpfs                                            anew per execution
//   net, ipc, uts namespaces, loopback up                          anew per execution
//
// A directory mounted below /tmp is seen as it is without that mount. Without CAP_SYS_ADMIN all
// this happens in a user namespace, and files of other users below /tmp can be read but not changed
// there (EOVERFLOW: their owner does not exist in it).
#pragma once
#include "core/base/result.h"
#include "interpose/sys/fd.h"

#include <string>
#include <vector>

namespace fb {

struct IsolationOptions {
  enum class Wish { kAuto, kFull, kNone };
  Wish wish = Wish::kAuto;
  // Not empty: this resource is to stay shared, for this reason.
  std::string share_network_why;
  std::string share_directories_why;
  // Not wanted at all: stays as it is on the host, and is no part of the report.
  bool without_network = false;  // nor the hosts file
  bool without_directories = false;
};

struct IsolationReport {
  bool network = false;
  bool directories = false;
  bool hosts = false;
  bool processes = false;  // PID namespaces can be made; the launcher makes them
  bool user_namespace = false;
  std::string mode;  // "full", "partial", "none"
  std::string why;   // what is shared and why; empty if nothing is
  bool operator==(const IsolationReport&) const = default;
};

class Isolation {
 public:
  // Once per worker process, before it has anything open in the directories concerned. Error: the
  // wish is kFull and the kernel refuses something, or it refuses to go back half-way.
  static Result<Isolation> enter(const IsolationOptions& options);
  Isolation(Isolation&&) = default;
  Isolation& operator=(Isolation&&) = delete;
  ~Isolation();

  const IsolationReport& report() const { return report_; }
  // A fresh network and fresh views, for the next execution. No process of the last one is left.
  Status renew();
  // The private directory of a service, empty, for this execution. Inside the view of /tmp others
  // cannot see it, so that it is open to whatever user the service changes to; where directories
  // are shared it is below `shared_parent`, for this user only, and removed by renew() or at the
  // end.
  Result<std::string> make_service_directory(const std::string& service,
                                             const std::string& shared_parent);
  // What the execution wrote below /tmp (first) and /var/tmp, for --keep. Invalid descriptors where
  // directories are shared.
  struct Written {
    std::string path;
    int upper = -1;  // O_PATH
  };
  std::vector<Written> written() const;
  // A path of the host as it is reached from here, past the views.
  std::string host_path(const std::string& path) const;
  // Where directories are shared: those of make_service_directory().
  const std::vector<std::string>& shared_service_directories() const {
    return service_directories_;
  }

 private:
  struct View {
    std::string path;
    Fd lower, upper, work;  // O_PATH
    bool nosuid = true;     // as the host's
    bool mounted = false;
  };

  Isolation() = default;
  Status enter_mount_namespace();
  Status renew_network();
  Status leave_network();
  Status renew_directories();
  void drop_directories();
  Status mount_view(View& view);
  Status mount_hosts();
  void remove_service_directories();

  IsolationReport report_;
  std::string cwd_;
  Fd host_network_, host_ipc_, host_uts_;
  std::vector<View> views_;
  bool upper_mounted_ = false, shm_mounted_ = false;
  std::vector<std::string> service_directories_;  // where directories are shared
};

}  // namespace fb
