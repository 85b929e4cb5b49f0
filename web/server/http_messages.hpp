#pragma once

#include "web/routes/http_types.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// Between Beast's messages and ours.
http_request read_request_head(const boost::beast::http::request<boost::beast::http::string_body>& message);

boost::beast::http::response<boost::beast::http::string_body> make_message(http_response whole, bool head_only,
                                                                           bool version_11, bool keep_alive);

using body_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// Gives the parser, whose head is done, the body that has come already. False: it is not all there; nothing is taken.
bool take_body(body_parser& parser, boost::beast::flat_buffer& from, std::size_t length);

/// The bytes before the first chunk of a stream.
std::string stream_head(http_response head, bool version_11, bool keep_alive);

/// One chunk of chunked coding; `piece` is not empty.
std::string chunk_of(std::string_view piece);

} // namespace troupe
