#pragma once

#include "runtime/applications/application_store.hpp"

namespace troupe {

/// `{id, name, path, executable, static_folder, public, params, handlers, problem?}`.
json application_to_json(const application_store::info& what);

/// `{files: [{path, size}], folders: [path], truncated}` of what lies in `below`, a folder; empty: everywhere. A name that
/// is not UTF-8 is null.
json listing_to_json(const folder_files::listing& what, const std::string& below = {});

} // namespace troupe
