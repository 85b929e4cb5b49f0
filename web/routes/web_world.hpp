#pragma once

#include "runtime/access/access_keeper.hpp"
#include "runtime/door/door.hpp"
#include "web/routes/web_counters.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace troupe {

class application_store;

/// Calls a function on the web server's thread after a time; forgets it when the server closes.
class web_timer {
public:
  virtual ~web_timer() = default;
  virtual void after(std::chrono::milliseconds time, std::function<void()> done) = 0;
};

/// Does what waits for the disk away from the web server's thread.
class web_background {
public:
  virtual ~web_background() = default;
  /// Runs `work` on another thread, one after the other, then what it returned on the web server's thread. `bytes` is what
  /// it keeps in memory. False: too much waits already, and `work` is not run. Forgets what is left when the server closes.
  virtual bool run(std::size_t bytes, std::function<std::function<void()>()> work) = 0;
};

/// What the routes of one site work with. All of it outlives them; `actors` calls back on the web server's thread.
struct web_world {
  door& actors;
  access_keeper& access;
  web_timer& timer;
  web_counters& counters;
  const application_store* applications = nullptr; ///< null: the site has none
  web_background* background = nullptr;            ///< for `applications`
  std::string address;  ///< `http://127.0.0.1:9090`
  std::string cookie;   ///< name of the session cookie; has the port in it, since cookies ignore ports
  std::string version;
  troupe::address history = {}; ///< who keeps the history of runs
  std::string log_file; ///< the daemon's log; empty: there is none
  int page_size = 5;
  std::size_t max_message_bytes = 64u << 20;
};

} // namespace troupe
