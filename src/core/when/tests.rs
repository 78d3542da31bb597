use super::*;

/// A Sunday.
const NOW: &str = "2026-11-22T09:30:00Z";

fn read(text: &str) -> Option<(String, String)> {
    let now = Timestamp::parse(NOW, false).expect("a time");
    stretch(text, now).map(|found| {
        let short = |at: Timestamp| at.to_string().trim_end_matches(".000Z").to_owned();
        (short(found.from), short(found.until))
    })
}

fn names_days(text: &str, first: &str, last: &str) {
    let expected = (format!("{first}T00:00:00"), format!("{last}T23:59:59.999Z"));
    assert_eq!(read(text), Some(expected), "{text}");
}

#[test]
fn days_are_named_from_today() {
    names_days("today", "2026-11-22", "2026-11-22");
    names_days("Yesterday", "2026-11-21", "2026-11-21");
    names_days(" tomorrow ", "2026-11-23", "2026-11-23");
    names_days("the day before yesterday", "2026-11-20", "2026-11-20");
    names_days("3 days ago", "2026-11-19", "2026-11-19");
    names_days("a week ago", "2026-11-15", "2026-11-15");
    names_days("two months ago", "2026-09-22", "2026-09-22");
    names_days("in 2 days", "2026-11-24", "2026-11-24");
    names_days("two weeks from now", "2026-12-06", "2026-12-06");
}

#[test]
fn weekdays_are_the_nearest_on_their_side() {
    names_days("friday", "2026-11-20", "2026-11-20");
    names_days("on Sunday", "2026-11-22", "2026-11-22");
    names_days("last sunday", "2026-11-15", "2026-11-15");
    names_days("last mon", "2026-11-16", "2026-11-16");
    names_days("next Sunday", "2026-11-29", "2026-11-29");
    names_days("this Tuesday", "2026-11-24", "2026-11-24");
}

#[test]
fn the_calendars_units_are_whole() {
    names_days("this week", "2026-11-16", "2026-11-22");
    names_days("last week", "2026-11-09", "2026-11-15");
    names_days("last month", "2026-10-01", "2026-10-31");
    names_days("next month", "2026-12-01", "2026-12-31");
    names_days("this quarter", "2026-10-01", "2026-12-31");
    names_days("last quarter", "2026-07-01", "2026-09-30");
    names_days("last year", "2025-01-01", "2025-12-31");
}

#[test]
fn a_count_of_units_rolls_up_to_now() {
    let until = "2026-11-22T09:30:00".to_owned();
    for (text, from) in [
        ("last 7 days", "2026-11-15T09:30:00"),
        ("past two weeks", "2026-11-08T09:30:00"),
        ("last 36 hours", "2026-11-20T21:30:00"),
        ("past 3 months", "2026-08-22T09:30:00"),
    ] {
        assert_eq!(read(text), Some((from.to_owned(), until.clone())), "{text}");
    }
    assert_eq!(read("2 hours ago").expect("read").0, "2026-11-22T07:30:00");
    assert_eq!(read("next 2 days"), Some((until.clone(), "2026-11-24T09:30:00".to_owned())));
    assert_eq!(read("now"), Some((until.clone(), until)));
}

#[test]
fn months_days_quarters_and_years_have_names() {
    names_days("in May 2023", "2023-05-01", "2023-05-31");
    names_days("feb 2024", "2024-02-01", "2024-02-29");
    names_days("november", "2026-11-01", "2026-11-30");
    names_days("December", "2025-12-01", "2025-12-31");
    names_days("2023-05", "2023-05-01", "2023-05-31");
    names_days("Q2 2024", "2024-04-01", "2024-06-30");
    names_days("2024-q4", "2024-10-01", "2024-12-31");
    names_days("in 2023", "2023-01-01", "2023-12-31");
    names_days("5 May 2023", "2023-05-05", "2023-05-05");
    names_days("May 5th, 2023", "2023-05-05", "2023-05-05");
    names_days("the 5th of May 2023", "2023-05-05", "2023-05-05");
    names_days("Dec 24", "2025-12-24", "2025-12-24");
    names_days("2026-11-01", "2026-11-01", "2026-11-01");
}

#[test]
fn what_names_no_time_is_refused() {
    for text in [
        "",
        "soon",
        "in",
        "last",
        "last days",
        "0 days ago",
        "99999 days ago",
        "32 May",
        "31 feb 2023",
        "in May 20233",
        "q5 2024",
        "2023-13",
        "may may",
        "yesterday tomorrow",
        "last 7",
        "-3 days ago",
        "last minute",
        "ago",
        "the",
        "1 2 3",
        "20 2023 may",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn the_ends_of_time_are_no_fault() {
    let last = Timestamp::from_millis(i64::MAX);
    let first = Timestamp::from_millis(i64::MIN);
    for text in ["10000 years ago", "in 10000 years", "next year", "last week", "next 9 days"] {
        let _ = (stretch(text, last), stretch(text, first));
    }
}
