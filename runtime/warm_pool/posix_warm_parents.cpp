#include <runtime/warm_pool/posix_warm_parents.hpp>

#include <runtime/observer/process_tree.hpp>
#include <runtime/observer/run_plan.hpp>
#include <runtime/observer/run_remains.hpp>
#include <runtime/process/pidfd.hpp>
#include <runtime/process/unix_place.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {
namespace {

constexpr int orders_descriptor = 3; // as warm_parent.py has it
constexpr const char* prefix = "warm_";

std::string text_of(child_end how) {
  if (const auto* exited = std::get_if<child_exited>(&how)) {
    return "it ended with exit code " + std::to_string(exited->code);
  }
  if (const auto* killed = std::get_if<child_signalled>(&how)) {
    return "it was killed by signal " + std::to_string(killed->signal);
  }
  return "it is gone";
}

class posix_warm_parent : public warm_parent, public std::enable_shared_from_this<posix_warm_parent> {
public:
  posix_warm_parent(event_loop& loop, std::string folder, warm_parent_events events)
      : loop_(loop), folder_(std::move(folder)), events_(std::move(events)) {}

  ~posix_warm_parent() override {
    if (door_) {
      loop_.forget(door_.get());
    }
    if (process_) {
      process_->signal(SIGKILL); // it has nothing to finish; what it has made ends with its sockets
    }
    lock_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  result<> begin(process_host& processes, const warm_programs& programs, const warm_key& key, const std::string& id) {
    lock_ = take_run_lock(folder_);
    if (!lock_ || ::chmod(folder_.c_str(), 0700) != 0) {
      return fail(error_code::io_error, "cannot use the folder " + folder_ + ": " + std::strerror(errno));
    }
    auto door = listen_in_own_folder(folder_ + "/door");
    int ends[2];
    if (!door || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      return door ? fail(error_code::io_error, std::string{"cannot make a socket: "} + std::strerror(errno))
                  : std::unexpected(door.error());
    }
    door_ = std::move(*door);
    orders_.reset(ends[1]);
    const unique_fd theirs{ends[0]};
    spawn_request what;
    what.argv = {key.python, programs.parent_script, programs.observer, folder_ + "/door", key.own_pid_namespace ? "1" : "0"};
    what.env = key.env;
    what.env[run_mark] = id;
    what.clean_env = true;
    what.cwd = "/";
    what.descriptors = {{theirs.get(), orders_descriptor}};
    what.capture_output = true;
    auto spawned = processes.spawn(what, events_of_process(programs.log));
    if (!spawned) {
      return std::unexpected(spawned.error());
    }
    process_ = std::move(*spawned);
    loop_.watch(door_.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
    return {};
  }

  void order() override { (void)!::send(orders_.get(), "s", 1, MSG_NOSIGNAL | MSG_DONTWAIT); }

private:
  child_events events_of_process(std::function<void(const std::string&)> log) {
    child_events out;
    out.on_line = [log = std::move(log)](child_stream, const std::string& line) { log("a prepared interpreter says: " + line); };
    out.on_end = [weak = weak_from_this(), &loop = loop_](child_end how) {
      loop.post([weak, how] {
        if (const auto self = weak.lock(); self && self->events_.on_end) {
          self->process_.reset();
          self->events_.on_end(text_of(how));
        }
      });
    };
    return out;
  }

  /// Only children of the parent are let in, and these are its observers.
  void accept() {
    auto socket = accept_from(door_.get());
    if (!socket) {
      return;
    }
    const auto peer = peer_of(socket.get());
    if (process_ && peer.uid == ::geteuid() && parent_of(peer.pid) == process_->pid()) {
      events_.on_seat({std::move(socket), unique_fd{open_pidfd(peer.pid)}});
    }
  }

  event_loop& loop_;
  const std::string folder_;
  warm_parent_events events_;
  unique_fd lock_;
  unique_fd door_;
  unique_fd orders_;
  std::shared_ptr<child> process_;
};

/// The pool's handle; what is posted finds the parent gone with it.
class parent_handle : public warm_parent {
public:
  explicit parent_handle(std::shared_ptr<posix_warm_parent> inner) : inner_(std::move(inner)) {}
  void order() override { inner_->order(); }

private:
  std::shared_ptr<posix_warm_parent> inner_;
};

/// Folders of parents whose process was killed.
void remove_dead_folders(const std::string& runs_folder) {
  std::error_code problem;
  for (auto at = std::filesystem::directory_iterator{runs_folder, problem};
       !problem && at != std::filesystem::directory_iterator{}; at.increment(problem)) {
    const auto folder = at->path().string();
    if (at->path().filename().string().starts_with(prefix) && ::access(lock_file_of(folder).c_str(), F_OK) == 0) {
      if (const auto lock = take_run_lock(folder)) {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
      }
    }
  }
}

} // namespace

posix_warm_parents::posix_warm_parents(event_loop& loop, process_host& processes, warm_programs programs)
    : loop_(loop), processes_(processes), programs_(std::move(programs)) {}

result<std::unique_ptr<warm_parent>> posix_warm_parents::start(const warm_key& key, warm_parent_events events) {
  std::error_code problem;
  std::filesystem::create_directories(programs_.runs_folder, problem);
  if (count_ == 0) {
    remove_dead_folders(programs_.runs_folder);
  }
  const auto id = prefix + std::to_string(::getpid()) + "_" + std::to_string(++count_);
  auto made = std::make_shared<posix_warm_parent>(loop_, programs_.runs_folder + "/" + id, std::move(events));
  if (auto begun = made->begin(processes_, programs_, key, id); !begun) {
    return std::unexpected(begun.error());
  }
  return std::make_unique<parent_handle>(std::move(made));
}

} // namespace troupe
