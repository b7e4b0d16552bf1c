//! The list of shapes.

use super::Expected::{Fails, FailsOrEmpty, Works};
use super::wire::*;
use super::{ANSWERS_FIRST, CLOSED_AT_ONCE, REFUSED, RESET_AT_ONCE, Shape, Step, drift, shape};

/// Every shape.
pub(crate) const SHAPES: &[Shape] = &[
    // No misbehaviour: what a test's own right answer is proved with.
    shape("healthy", Works, |e| answer(healthy(e))),
    // Waits that nobody can mean.
    shape("429_without_retry_after", Fails, |_| {
        status("429 Too Many Requests", &[])
    }),
    shape("retry_after_more_than_64_bits", Fails, |_| {
        limited("99999999999999999999999")
    }),
    shape("retry_after_a_year", Fails, |_| limited("31536000")),
    shape("retry_after_negative", Fails, |_| limited("-5")),
    shape("retry_after_garbage", Fails, |_| {
        limited("when the moon is full")
    }),
    shape("retry_after_empty", Fails, |_| limited("")),
    shape("retry_after_exponent", Fails, |_| limited("1e99")),
    shape("retry_after_end_of_time", Fails, |_| {
        limited("Fri, 31 Dec 9999 23:59:59 GMT")
    }),
    shape("retry_after_long_ago", Fails, |_| {
        limited("Thu, 01 Jan 1970 00:00:00 GMT")
    }),
    shape("retry_after_impossible_date", Fails, |_| {
        limited("Mon, 32 Foo 2026 25:61:61 GMT")
    }),
    shape("retry_after_not_ascii", Fails, |_| limited("fünf Sekunden")),
    shape("retry_after_twice", Fails, |_| {
        status(
            "429 Too Many Requests",
            &[("retry-after", "1"), ("retry-after", "x")],
        )
    }),
    // Statuses.
    shape("500", Fails, |_| status("500 Internal Server Error", &[])),
    shape("501", Fails, |_| status("501 Not Implemented", &[])),
    shape("502_of_a_proxy", Fails, |_| {
        vec![Step::Send(respond("502 Bad Gateway", &[HTML], PAGE))]
    }),
    shape("503_for_a_century", Fails, |_| {
        status("503 Service Unavailable", &[("retry-after", "3155760000")])
    }),
    shape("504", Fails, |_| status("504 Gateway Timeout", &[])),
    shape("529", Fails, |_| status("529 Overloaded", &[])),
    shape("599", Fails, |_| status("599 What", &[])),
    shape("999", Fails, |_| status("999 No", &[])),
    shape("status_of_four_digits", Fails, |_| status("2000 OK", &[])),
    shape("400", Fails, |_| status("400 Bad Request", &[])),
    shape("401", Fails, |_| status("401 Unauthorized", &[])),
    shape("402", Fails, |_| status("402 Payment Required", &[])),
    shape("403", Fails, |_| status("403 Forbidden", &[])),
    shape("404", FailsOrEmpty, |_| status("404 Not Found", &[])),
    shape("410", FailsOrEmpty, |_| status("410 Gone", &[])),
    shape("418", Fails, |_| status("418 I'm a Teapot", &[])),
    shape("422", FailsOrEmpty, |_| {
        status("422 Unprocessable Content", &[])
    }),
    shape("451", FailsOrEmpty, |_| {
        status("451 Unavailable For Legal Reasons", &[])
    }),
    shape("500_without_a_body", Fails, |_| {
        vec![Step::Send(respond("500 Oops", &[], b""))]
    }),
    // Success that is none.
    shape("202_for_ever", FailsOrEmpty, |_| {
        status("202 Accepted", &[])
    }),
    shape("204", Fails, |_| {
        raw("HTTP/1.1 204 No Content\r\n\r\n", Step::Close)
    }),
    shape("206", Fails, |e| {
        vec![Step::Send(respond(
            "206 Partial Content",
            &[JSON],
            &half(e),
        ))]
    }),
    shape("empty_200", Fails, |_| answer("")),
    shape("blank_200", Fails, |_| answer(" \r\n\t ")),
    shape("html_with_200", Fails, |_| answer_with(&[HTML], PAGE)),
    shape("html_as_json", Fails, |_| answer(PAGE)),
    shape("error_with_200", FailsOrEmpty, |_| answer(SORRY)),
    shape("errors_with_200", FailsOrEmpty, |_| {
        answer(r#"{"errors":[{"id":"sorry","code":500,"details":"sorry"}]}"#)
    }),
    shape("remark_with_200", FailsOrEmpty, |_| {
        answer(r#"{"elements":[],"remark":"runtime error: Query timed out in \"query\""}"#)
    }),
    shape("answer_to_another_request", FailsOrEmpty, |_| {
        answer(r#"{"current_weather":{"temperature":21.5,"windspeed":3},"ok":true}"#)
    }),
    shape("null", Fails, |_| answer("null")),
    shape("true", Fails, |_| answer("true")),
    shape("a_number", Fails, |_| answer("42")),
    shape("a_string", Fails, |_| answer("\"OK\"")),
    shape("an_empty_list", FailsOrEmpty, |_| answer("[]")),
    shape("an_empty_object", FailsOrEmpty, |_| answer("{}")),
    // Connections.
    shape(REFUSED, Fails, |_| Vec::new()),
    shape(RESET_AT_ONCE, Fails, |_| Vec::new()),
    shape(CLOSED_AT_ONCE, Fails, |_| Vec::new()),
    shape(ANSWERS_FIRST, FailsOrEmpty, |_| vec![Step::Hang]),
    shape("reset_before_headers", Fails, |_| vec![Step::Reset]),
    shape("closed_before_headers", Fails, |_| vec![Step::Close]),
    shape("reset_in_headers", Fails, |_| {
        raw("HTTP/1.1 200 OK\r\ncontent-le", Step::Reset)
    }),
    shape("closed_in_headers", Fails, |_| {
        raw("HTTP/1.1 200 OK\r\ncontent-le", Step::Close)
    }),
    shape("reset_in_body", Fails, |e| {
        spoilt_length(e, 0, half(e), Step::Reset)
    }),
    shape("closed_in_body", Fails, |e| {
        spoilt_length(e, 0, half(e), Step::Close)
    }),
    shape("closed_after_keep_alive", Works, |e| {
        let headers = &[JSON, ("connection", "keep-alive")];
        raw(
            respond("200 OK", headers, healthy(e).as_bytes()),
            Step::Close,
        )
    }),
    shape("unasked_second_answer", Works, |e| {
        let mut both = respond("200 OK", &[JSON], healthy(e).as_bytes());
        both.extend(respond("200 OK", &[JSON], b"{\"poison\":true}"));
        vec![Step::Send(both)]
    }),
    // Slowness.
    shape("silence", Fails, |_| vec![Step::Hang]),
    shape("headers_drip", Fails, |_| {
        let start = Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec());
        vec![start, Step::Again(b"x-a: b\r\n".to_vec(), 400, DRIP)]
    }),
    shape("status_line_drips", Fails, |_| {
        vec![Step::Again(b"H".to_vec(), 400, DRIP)]
    }),
    shape("body_drips", Fails, |_| {
        let head = head("200 OK", &[JSON, ("content-length", "100000")]);
        let head = Step::Send(format!("{head}\r\n").into_bytes());
        vec![head, Step::Again(b" ".to_vec(), 400, DRIP)]
    }),
    shape("chunks_drip", Fails, |_| {
        let start = Step::Send(chunked(&[], b"{"));
        vec![start, Step::Again(chunk(b" "), 400, DRIP), Step::Hang]
    }),
    shape("silence_after_headers", Fails, |e| {
        spoilt_length(e, 0, Vec::new(), Step::Hang)
    }),
    shape("silence_in_body", Fails, |e| {
        spoilt_length(e, 0, half(e), Step::Hang)
    }),
    shape("silence_before_the_last_byte", Fails, |e| {
        let body = healthy(e).into_bytes();
        let most = body.get(..body.len() - 1).unwrap_or_default().to_vec();
        spoilt_length(e, 0, most, Step::Hang)
    }),
    shape("success_and_a_byte_more_promised", Fails, |e| {
        spoilt_length(e, 1, healthy(e).into_bytes(), Step::Hang)
    }),
    shape("error_that_drips", Fails, |_| {
        let head = head(
            "503 Service Unavailable",
            &[JSON, ("content-length", "100000")],
        );
        let head = Step::Send(format!("{head}\r\n").into_bytes());
        vec![head, Step::Again(b" ".to_vec(), 400, DRIP)]
    }),
    // Lengths and chunks.
    shape("truncated_json", Fails, |e| answer(half(e))),
    shape("length_too_long", Fails, |e| {
        spoilt_length(e, 10, healthy(e).into_bytes(), Step::Close)
    }),
    shape("length_too_short", Fails, |e| {
        spoilt_length(e, -7, healthy(e).into_bytes(), Step::Close)
    }),
    shape("length_negative", Fails, |e| lengths(e, &["-1"])),
    shape("length_garbage", Fails, |e| lengths(e, &["many"])),
    shape("length_beyond_64_bits", Fails, |e| {
        lengths(e, &["99999999999999999999"])
    }),
    shape("two_lengths", Fails, |e| lengths(e, &["3", "9"])),
    shape("chunks_without_an_end", Fails, |e| {
        raw(chunked(&[], &half(e)), Step::Close)
    }),
    shape("chunk_reset", Fails, |e| {
        raw(chunked(&[], &half(e)), Step::Reset)
    }),
    shape("chunk_size_garbage", Fails, |e| {
        let mut bytes = chunked(&[], &half(e));
        bytes.extend_from_slice(b"zzz\r\n{}\r\n0\r\n\r\n");
        raw(bytes, Step::Close)
    }),
    shape("chunk_size_beyond_64_bits", Fails, |e| {
        let mut bytes = chunked(&[], &half(e));
        bytes.extend_from_slice(b"fffffffffffffffffff\r\n{}\r\n");
        raw(bytes, Step::Close)
    }),
    shape("length_and_chunks", FailsOrEmpty, |e| {
        let mut bytes = chunked(&[("content-length", "5")], healthy(e).as_bytes());
        bytes.extend_from_slice(b"0\r\n\r\n");
        raw(bytes, Step::Close)
    }),
    // Size.
    shape("body_of_100_mb", Fails, |_| {
        stream(&[JSON, ("content-length", "104857600")], b"[\"\",", 1_600)
    }),
    shape("body_without_an_end", Fails, |_| {
        stream(&[JSON], b"{\"a\":1}\n", 100_000)
    }),
    shape("error_of_100_mb", Fails, |_| {
        let head = head("500 Oops", &[JSON, ("content-length", "104857600")]);
        let head = Step::Send(format!("{head}\r\n").into_bytes());
        vec![
            head,
            Step::Again(vec![b'x'; 65_536], 1_600, SOON),
            Step::Close,
        ]
    }),
    shape("gzip_bomb", Fails, |_| {
        answer_with(&[JSON, GZIP], &gzip_bomb())
    }),
    shape("gzip_of_gzip_bomb", Fails, |_| {
        answer_with(&[JSON, GZIP], &gzip(&gzip_bomb()))
    }),
    shape("headers_of_1_mb", Fails, |_| {
        let long = "x".repeat(1 << 20);
        answer_with(&[JSON, ("x-long", &long)], b"{}")
    }),
    shape("headers_without_an_end", Fails, |_| {
        let start = Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec());
        vec![
            start,
            Step::Again(b"x-a: b\r\n".repeat(1_000), 100_000, SOON),
        ]
    }),
    shape("ten_thousand_headers", Fails, |_| {
        answer_with(&[("x-a", "b"); 10_000], b"{}")
    }),
    // Encodings.
    shape("gzip", Works, |e| {
        answer_with(&[JSON, GZIP], &gzip(healthy(e).as_bytes()))
    }),
    shape("gzip_broken", Fails, |e| {
        let mut bytes = gzip(healthy(e).as_bytes());
        for byte in bytes.iter_mut().skip(12) {
            *byte ^= 0x5a;
        }
        answer_with(&[JSON, GZIP], &bytes)
    }),
    shape("gzip_truncated", Fails, |e| {
        let bytes = gzip(healthy(e).as_bytes());
        let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
        answer_with(&[JSON, GZIP], half)
    }),
    shape("gzip_that_is_none", Fails, |e| {
        answer_with(&[JSON, GZIP], healthy(e).as_bytes())
    }),
    shape("gzip_unannounced", Fails, |e| {
        answer(gzip(healthy(e).as_bytes()))
    }),
    shape("deflate", Works, |e| {
        answer_with(
            &[JSON, ("content-encoding", "deflate")],
            &zlib(healthy(e).as_bytes()),
        )
    }),
    shape("encoding_nobody_asked_for", Fails, |e| {
        let noise: Vec<u8> = healthy(e).bytes().map(|byte| byte ^ 0xa5).collect();
        answer_with(&[JSON, ("content-encoding", "br")], &noise)
    }),
    shape("byte_order_mark", Works, |e| {
        answer(format!("\u{feff}{}", healthy(e)))
    }),
    shape("utf_16", Fails, |e| {
        let words = healthy(e);
        let bytes: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
        answer_with(
            &[("content-type", "application/json; charset=utf-16le")],
            &bytes,
        )
    }),
    shape("latin_1", FailsOrEmpty, |e| {
        let bytes: Vec<u8> = healthy(e)
            .chars()
            .map(|c| u8::try_from(c).unwrap_or(b'?'))
            .collect();
        answer_with(
            &[("content-type", "application/json; charset=iso-8859-1")],
            &bytes,
        )
    }),
    shape("invalid_utf_8", Fails, |e| {
        answer(drift::no_text(&e.healthy))
    }),
    shape("lone_surrogate", FailsOrEmpty, |e| {
        answer(format!("{{\"zz\":\"\\ud800\",{}", &tail(&healthy(e))))
    }),
    shape("wrong_content_type", Works, |e| {
        answer_with(&[("content-type", "image/png")], healthy(e).as_bytes())
    }),
    shape("no_content_type", Works, |e| {
        answer_with(&[], healthy(e).as_bytes())
    }),
    shape("content_type_garbage", Works, |e| {
        answer_with(&[("content-type", ";;;=\"")], healthy(e).as_bytes())
    }),
    // JSON.
    shape("garbage", Fails, |_| {
        answer([0x80_u8, 0x00, 0xff, 0x13].repeat(500))
    }),
    shape("nested_lists", Fails, |_| answer("[".repeat(100_000))),
    shape("nested_objects", Fails, |_| {
        answer("{\"a\":".repeat(100_000))
    }),
    shape("nested_and_closed", FailsOrEmpty, |e| {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        answer(format!("{{\"zz\":{deep},{}", tail(&healthy(e))))
    }),
    shape("keys_twice", FailsOrEmpty, |e| {
        answer(drift::doubled(&e.healthy))
    }),
    shape("text_after_the_end", Fails, |e| {
        answer(format!("{}}}}}garbage", healthy(e)))
    }),
    shape("two_documents", Fails, |e| {
        answer(format!("{0}\n{0}", healthy(e)))
    }),
    shape("not_a_number", Fails, |_| {
        answer("{\"a\":NaN,\"b\":Infinity}")
    }),
    shape("javascript", Fails, |e| {
        answer(format!("callback({});", healthy(e)))
    }),
    shape("guard_before_json", Fails, |e| {
        answer(format!(")]}}'\n{}", healthy(e)))
    }),
    shape("server_sent_events", Fails, |e| {
        answer_with(
            &[("content-type", "text/event-stream")],
            format!("event: a\ndata: {}\n\n", healthy(e)).as_bytes(),
        )
    }),
    shape("numbers_overflow", FailsOrEmpty, |e| {
        answer(drift::overflow(&e.healthy))
    }),
    shape("numbers_of_400_digits", FailsOrEmpty, |e| {
        answer(drift::many_digits(&e.healthy))
    }),
    // Schema drift.
    shape("fields_renamed", FailsOrEmpty, |e| {
        drifted(e, drift::renamed)
    }),
    shape("fields_in_capitals", FailsOrEmpty, |e| {
        drifted(e, drift::capitals)
    }),
    shape("types_changed", FailsOrEmpty, |e| {
        drifted(e, drift::retyped)
    }),
    shape("nulls_everywhere", FailsOrEmpty, |e| {
        drifted(e, drift::nulled)
    }),
    shape("nulls_below_the_top", FailsOrEmpty, |e| {
        drifted(e, drift::hollow)
    }),
    shape("lists_emptied", FailsOrEmpty, |e| {
        drifted(e, drift::emptied)
    }),
    shape("lists_mixed", FailsOrEmpty, |e| drifted(e, drift::mixed)),
    shape("objects_as_lists", FailsOrEmpty, |e| {
        drifted(e, drift::listed)
    }),
    shape("wrapped", FailsOrEmpty, |e| {
        answer(serde_json::json!({"zz_data": *e.healthy}).to_string())
    }),
    shape("fields_added", Works, |e| drifted(e, drift::extended)),
    shape("largest_numbers", FailsOrEmpty, |e| {
        drifted(e, drift::largest)
    }),
    shape("negative_numbers", FailsOrEmpty, |e| {
        drifted(e, drift::negative)
    }),
    shape("long_texts", FailsOrEmpty, |e| {
        drifted(e, drift::long_texts)
    }),
    // Redirects: no key goes where they lead.
    shape("redirect_to_itself", Fails, |_| redirect("302 Found", "/")),
    shape("redirect_elsewhere", Fails, |e| {
        redirect(
            "307 Temporary Redirect",
            &format!("http://{}/", e.elsewhere),
        )
    }),
    shape("moved_elsewhere", Fails, |e| {
        redirect("308 Permanent Redirect", &format!("//{}/", e.elsewhere))
    }),
    shape("redirect_to_a_file", Fails, |_| {
        redirect("301 Moved", "file:///etc/passwd")
    }),
    shape("redirect_nowhere", Fails, |_| status("303 See Other", &[])),
    shape("not_modified", Fails, |_| {
        raw("HTTP/1.1 304 Not Modified\r\n\r\n", Step::Close)
    }),
    // The protocol.
    shape("http_1_0", Works, |e| {
        let body = healthy(e);
        raw(format!("HTTP/1.0 200 OK\r\n\r\n{body}"), Step::Close)
    }),
    shape("http_0_9", Fails, |e| raw(healthy(e), Step::Close)),
    shape("http_9_9", Fails, |_| {
        raw("HTTP/9.9 200 OK\r\n\r\n{}", Step::Close)
    }),
    shape("http_2_unasked", Fails, |_| {
        raw(b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0d".to_vec(), Step::Close)
    }),
    shape("tls_instead", Fails, |_| {
        raw(b"\x15\x03\x03\0\x02\x02\x28".to_vec(), Step::Close)
    }),
    shape("another_protocol", Fails, |_| {
        raw("220 mail ESMTP ready\r\n", Step::Hang)
    }),
    shape("noise", Fails, |_| {
        raw([0xde_u8, 0xad, 0x00, 0x0a].repeat(4_000), Step::Close)
    }),
    shape("no_reason_phrase", Works, |e| {
        let body = healthy(e);
        raw(format!("HTTP/1.1 200\r\n\r\n{body}"), Step::Close)
    }),
    shape("status_line_garbage", Fails, |_| {
        raw("HTTP/1.1 OK 200\r\n\r\n{}", Step::Close)
    }),
    shape("switching_protocols", Fails, |_| {
        raw(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
            Step::Hang,
        )
    }),
    shape("a_thousand_continues", Works, |e| {
        let mut bytes = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000);
        bytes.extend(respond("200 OK", &[JSON], healthy(e).as_bytes()));
        vec![Step::Send(bytes)]
    }),
    shape("early_hints_without_an_end", Fails, |_| {
        let hint = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".to_vec();
        vec![Step::Again(hint, 10_000_000, SOON)]
    }),
    shape("header_without_a_colon", Fails, |_| {
        raw("HTTP/1.1 200 OK\r\noops\r\n\r\n{}", Step::Close)
    }),
    shape("header_with_a_nul", Fails, |_| {
        raw("HTTP/1.1 200 OK\r\na: \0\r\n\r\n{}", Step::Close)
    }),
    shape("headers_twice", Works, |e| {
        let headers = &[
            JSON,
            HTML,
            ("date", "x"),
            ("date", "y"),
            ("set-cookie", "a=b"),
        ];
        answer_with(headers, healthy(e).as_bytes())
    }),
    // A key that is shown to us is shown to nobody else.
    shape("401_that_echoes_the_request", Fails, |e| {
        vec![Step::Send(respond(
            "401 Unauthorized",
            &[JSON],
            echo(e).as_bytes(),
        ))]
    }),
    shape("400_that_echoes_the_request", Fails, |e| {
        vec![Step::Send(respond(
            "400 Bad Request",
            &[JSON],
            echo(e).as_bytes(),
        ))]
    }),
    shape("500_that_echoes_the_request", Fails, |e| {
        vec![Step::Send(respond("500 Oops", &[HTML], &e.request))]
    }),
    shape("200_that_echoes_the_request", Fails, |e| answer(&e.request)),
];
