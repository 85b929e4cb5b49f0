#pragma once

#include <actors/task/start_request.hpp>

#include <runtime/observer/run_host.hpp>

namespace troupe {

/// The body of `read_output`: `from`, `wait` (seconds), `max_bytes`.
checked<output_query> output_query_from_json(const json& body);

/// The body of `output`, without the state. Output that is not UTF-8 becomes a byte string.
json output_to_json(const output_page& page);

} // namespace troupe
