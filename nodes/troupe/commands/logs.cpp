#include "nodes/troupe/commands.hpp"
#include "nodes/troupe/log_tail.hpp"
#include "nodes/troupe/output_reader.hpp"
#include "nodes/troupe/run_end.hpp"

#include <csignal>

namespace troupe::cli {

namespace {

constexpr int reader_gone_code = 128 + SIGPIPE;

/// The whole lines of a stream, one at a time.
class line_cutter {
public:
  template <class OnLine>
  bool take(std::string_view piece, const OnLine& on_line) {
    for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      rest_.append(piece.substr(0, end));
      piece.remove_prefix(end + 1);
      if (!on_line(std::exchange(rest_, {}))) {
        return false;
      }
    }
    rest_.append(piece);
    return true;
  }

  const std::string& rest() const noexcept { return rest_; }

private:
  std::string rest_;
};

std::string one_line(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

attempt<int> ended(const attempt<>& stream, bool reader_gone) {
  if (reader_gone) {
    return reader_gone_code;
  }
  if (!stream) {
    return std::unexpected(stream.error());
  }
  return exit_ok;
}

/// The log's file, for when nobody can be asked.
attempt<int> show_log_file(const logs_options& options, const command_context& context, const cli_error& why) {
  const auto file = context.state_dir() / "log" / "troupe.log";
  const auto tail = last_lines(file, options.lines);
  if (!tail || options.follow) {
    return std::unexpected(why);
  }
  context.complain("no system is running; this is what the last one wrote into " + file.string());
  if (!context.is_json()) {
    context.print(*tail);
    return exit_ok;
  }
  json lines = json::array();
  line_cutter().take(*tail, [&](std::string line) {
    lines.push_back(std::move(line));
    return true;
  });
  context.print_json(json{{"lines", lines}});
  return exit_ok;
}

attempt<int> show_system_log(const logs_options& options, const command_context& context) {
  const auto system = context.connect();
  if (!system && system.error().code == exit_not_running) {
    return show_log_file(options, context, system.error());
  }
  if (!system) {
    return std::unexpected(system.error());
  }
  bool reader_gone = false;
  json lines = json::array();
  line_cutter cutter;
  const auto on_line = [&](std::string line) {
    if (options.follow) {
      reader_gone = !context.sink().out(one_line(json{{"line", line}}));
    } else {
      lines.push_back(std::move(line));
    }
    return !reader_gone;
  };
  const auto read = system->system_log(options.lines, options.follow, [&](std::string_view piece) {
    if (context.is_json()) {
      return cutter.take(piece, on_line);
    }
    reader_gone = !context.sink().out(piece);
    return !reader_gone;
  });
  if (!read && read.error().code == exit_not_running) {
    return show_log_file(options, context, read.error());
  }
  if (read && context.is_json()) {
    if (!cutter.rest().empty()) {
      on_line(cutter.rest());
    }
    if (!options.follow) {
      context.print_json(json{{"lines", lines}});
    }
  }
  return ended(read, reader_gone);
}

attempt<int> show_task_lines(const gateway& system, const logs_options& options, const command_context& context) {
  bool reader_gone = false;
  json records = json::array();
  json last;
  line_cutter cutter;
  const auto on_line = [&](const std::string& line) {
    json value = json::parse(line, nullptr, false);
    if (options.follow) {
      reader_gone = !context.sink().out(line + "\n");
    } else if (value.is_object() && value.contains("next")) {
      last = std::move(value);
    } else if (!value.is_discarded()) {
      records.push_back(std::move(value));
    }
    return !reader_gone;
  };
  const auto read = system.task_output(task_id_of(options.task), options.from, options.follow,
                                       [&](std::string_view piece) { return cutter.take(piece, on_line); });
  if (read && !options.follow) {
    last["records"] = std::move(records);
    context.print_json(last);
  }
  return ended(read, reader_gone);
}

attempt<int> show_task_output(const gateway& system, const logs_options& options, const command_context& context) {
  bool reader_gone = false;
  output_reader reader([&](const output_record& record) {
    reader_gone = !(record.is_stderr || record.is_note ? context.sink().err(record.bytes) : context.sink().out(record.bytes));
    return !reader_gone;
  });
  const auto id = task_id_of(options.task);
  const auto read =
    system.task_output(id, options.from, options.follow, [&](std::string_view piece) { return reader.take(piece); });
  if (read && !reader.saw_last_line()) {
    return give_up(exit_connection_lost, "the output of task " + id + " was cut off; read on with: troupe logs " + id +
                                           " --from " + std::to_string(reader.next()));
  }
  if (reader.end_state() && !judge_end(*reader.end_state()).reason.empty()) {
    context.complain(judge_end(*reader.end_state()).reason);
  }
  return ended(read, reader_gone);
}

} // namespace

attempt<int> execute(const logs_options& options, command_context& context) {
  if (options.task.empty()) {
    return show_system_log(options, context);
  }
  const auto system = context.connect();
  if (!system) {
    return std::unexpected(system.error());
  }
  return context.is_json() ? show_task_lines(*system, options, context) : show_task_output(*system, options, context);
}

} // namespace troupe::cli
