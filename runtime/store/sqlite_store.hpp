#pragma once

#include "runtime/store/head_store.hpp"
#include "runtime/store/run_store.hpp"

#include <filesystem>
#include <memory>

namespace troupe {

/// The store as an SQLite file. A thread of its own writes: whatever has come in while it wrote goes into the next
/// transaction. While the disk refuses, changes are kept and tried again, up to `most_queued`. Ends by its destructor,
/// which writes what is left.
class sqlite_store final : public head_store, public run_store {
public:
  struct options {
    std::filesystem::path file;
    std::size_t most_queued = 500'000; ///< rows; then a caller waits
    /// A write failed, or succeeds again; on the writer's thread, which must not be kept waiting.
    std::function<void(const std::string&)> complain = [](const std::string&) {};
  };
  struct opened {
    std::unique_ptr<sqlite_store> store;
    store_content content; ///< after an orderly end only what comes back then
  };

  /// Opens or makes the file. From now on the store says that its daemon crashed, until `set_clean_end`. Fails with
  /// `io_error`; the text says what to do.
  static result<opened> open(options what);

  ~sqlite_store() override;

  void put_process(process_row what) override;
  void drop_process(std::string node) override;
  void put_kind(kind_row what) override;
  void put_actors(std::vector<std::string> names, std::string node, std::uint32_t kind) override;
  void move_actor(std::string name, std::string node) override;
  void drop_actors(std::vector<std::string> names) override;
  void keep_checkpoint(std::string name, std::vector<std::uint8_t> checkpoint) override;
  void set_next_number(std::uint64_t number) override;
  void set_booted() override;
  void set_clean_end() override;
  void put_run(run_row what) override;
  void drop_runs(std::vector<std::string> ids) override;
  void note_no_actors(std::vector<std::string> ids) override;
  void note_no_output(std::vector<std::string> ids) override;
  void put_place(run_place what) override;
  void drop_place(std::string run) override;
  void flush(std::function<void(result<>)> done) override;

private:
  struct writer;
  explicit sqlite_store(std::unique_ptr<writer> made);

  std::unique_ptr<writer> writer_;
};

} // namespace troupe
