#include "runtime/applications/application_place.hpp"

#include <utility>

namespace troupe {
namespace {

constexpr std::size_t most_meta_bytes = 2u << 20;

result<application_meta> read_as_written(const folder_files& files) {
  const auto text = files.read(application_meta_file(), most_meta_bytes);
  return text ? application_meta::parse(*text) : std::unexpected(text.error());
}

void settle_move(const folder_files& files, application_meta& meta) {
  if (meta.moving().from.empty()) {
    return;
  }
  const auto from = parts_of_file_path(meta.moving().from);
  const auto to = parts_of_file_path(meta.moving().to);
  using kind = folder_files::kind;
  meta.end_move(from && to && files.look(*from) == kind::nothing && files.look(*to) != kind::nothing);
}

} // namespace

result<application_meta> read_application_meta(const folder_files& files) {
  auto meta = read_as_written(files);
  if (meta) {
    settle_move(files, *meta);
  }
  return meta;
}

result<> write_application_meta(const folder_files& files, const application_meta& meta) {
  const auto written = files.write(application_meta_file(), meta.text(), {application_own_folder, "new"});
  return written ? result<>{} : std::unexpected(written.error());
}

result<application_turn> application_turn::take(const result<std::string>& folder) {
  auto files = folder ? folder_files::open(*folder) : result<folder_files>{std::unexpected(folder.error())};
  auto locked = files ? files->lock({application_own_folder}) : result<unique_fd>{std::unexpected(files.error())};
  if (!locked) {
    return std::unexpected(locked.error());
  }
  // What is left of a move must not be taken for another one later.
  if (auto meta = read_as_written(*files); meta && !meta->moving().from.empty()) {
    settle_move(*files, *meta);
    if (auto written = write_application_meta(*files, *meta); !written) {
      return std::unexpected(written.error());
    }
  }
  return application_turn{std::move(*files), std::move(*locked)};
}

result<bool> application_turn::write(const folder_files::path_parts& file, std::string_view content) const {
  return files.write(file, content, {application_own_folder, "new"});
}

} // namespace troupe
