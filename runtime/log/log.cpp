#include "runtime/log/log.hpp"

#include <array>
#include <future>
#include <system_error>
#include <utility>
#include <vector>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace troupe {

namespace {

constexpr std::array<std::string_view, 6> names{"trace", "debug", "info", "warning", "error", "off"};

spdlog::level::level_enum to_spdlog(verbosity level) {
  switch (level) {
  case verbosity::trace:
    return spdlog::level::trace;
  case verbosity::debug:
    return spdlog::level::debug;
  case verbosity::info:
    return spdlog::level::info;
  case verbosity::warning:
    return spdlog::level::warn;
  case verbosity::error:
    return spdlog::level::err;
  case verbosity::off:
    break;
  }
  return spdlog::level::off;
}

std::string one_line(std::string text) {
  std::size_t at = 0;
  while ((at = text.find_first_of("\r\n\x1b", at)) != std::string::npos) {
    const char* shown = text[at] == '\n' ? "\\n" : text[at] == '\r' ? "\\r" : "\\e";
    text.replace(at, 1, shown);
    at += 2;
  }
  return text;
}

/// The spdlog logger is held, not registered: no global state, and it ends with its owner.
class spdlog_log final : public log {
public:
  spdlog_log(std::shared_ptr<spdlog::logger> logger, std::vector<spdlog::sink_ptr> sinks,
             std::shared_ptr<spdlog::details::thread_pool> pool)
      : sinks_(std::move(sinks)), pool_(std::move(pool)), logger_(std::move(logger)) {}

  ~spdlog_log() override {
    // The pool's destructor works off its queue, then joins; the sinks may be flushed only after that.
    logger_.reset();
    pool_.reset();
    for (const auto& sink : sinks_) {
      sink->flush();
    }
  }

  void write(verbosity level, std::string_view text) override {
    if (shows(level)) {
      const auto line = one_line(mask_secrets(text));
      logger_->log(to_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
    }
  }

  bool shows(verbosity level) const noexcept override {
    return level != verbosity::off && logger_->should_log(to_spdlog(level));
  }

  void set_level(verbosity level) noexcept override { logger_->set_level(to_spdlog(level)); }

  void flush() override {
    if (pool_) {
      // An asynchronous flush is only a request; the one worker has no lines left when the queue is empty and its
      // sinks were flushed after it.
      wait_for_queue();
    }
    for (const auto& sink : sinks_) {
      sink->flush();
    }
  }

private:
  /// A logger of its own on the same pool, whose only sink reports that the worker got there: the queue has one worker,
  /// so everything queued before is written by then.
  void wait_for_queue() {
    struct marker final : spdlog::sinks::sink {
      void log(const spdlog::details::log_msg&) override {}
      void flush() override {
        if (!done_) {
          done_ = true;
          reached.set_value();
        }
      }
      void set_pattern(const std::string&) override {}
      void set_formatter(std::unique_ptr<spdlog::formatter>) override {}
      std::promise<void> reached;
      bool done_ = false;
    };
    auto sink = std::make_shared<marker>();
    auto reached = sink->reached.get_future();
    auto barrier = std::make_shared<spdlog::async_logger>("flush", sink, pool_, spdlog::async_overflow_policy::block);
    barrier->flush();
    barrier.reset();
    reached.wait();
  }

  std::vector<spdlog::sink_ptr> sinks_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::logger> logger_;
};

class silent_log final : public log {
public:
  void write(verbosity, std::string_view) override {}
  bool shows(verbosity) const noexcept override { return false; }
  void set_level(verbosity) noexcept override {}
  void flush() override {}
};

} // namespace

result<verbosity> parse_verbosity(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) {
      return static_cast<verbosity>(i);
    }
  }
  return fail(error_code::bad_request, "cannot use log level \"" + std::string{name} +
                                         "\": there is no such level; use trace, debug, info, warning, error or off");
}

std::string_view to_string(verbosity level) noexcept {
  const auto index = static_cast<std::size_t>(level);
  return index < names.size() ? names[index] : "off";
}

result<std::unique_ptr<log>> open_log(const log_options& options) {
  try {
    std::vector<spdlog::sink_ptr> sinks;
    if (!options.file.empty()) {
      std::filesystem::create_directories(options.file.parent_path());
      sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.file.string(), options.file_bytes,
                                                                             options.files));
    }
    if (options.to_stderr) {
      sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    }
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::logger> logger;
    if (options.async) {
      pool = std::make_shared<spdlog::details::thread_pool>(8192, 1);
      logger = std::make_shared<spdlog::async_logger>(options.who, sinks.begin(), sinks.end(), pool,
                                                      spdlog::async_overflow_policy::overrun_oldest);
    } else {
      logger = std::make_shared<spdlog::logger>(options.who, sinks.begin(), sinks.end());
    }
    logger->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l [%n] %v", spdlog::pattern_time_type::utc));
    logger->set_level(to_spdlog(options.level));
    logger->flush_on(spdlog::level::info);
    logger->set_error_handler([](const std::string&) {});
    return std::make_unique<spdlog_log>(std::move(logger), std::move(sinks), std::move(pool));
  } catch (const std::exception& e) {
    return fail(error_code::io_error, "cannot open the log file " + options.file.string() + ": " + e.what() +
                                        "; check that its folder can be written, or set folders.log");
  }
}

std::unique_ptr<log> make_silent_log() {
  return std::make_unique<silent_log>();
}

} // namespace troupe
