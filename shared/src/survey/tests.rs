//! How a walk goes around cursors that the store refuses.

use super::*;

fn after(cursor: &str) -> Option<Cursor> {
    Some(serde_json::from_value(serde_json::json!({ "after": cursor })).unwrap())
}

fn stopped_at(last: i64) -> Survey {
    Survey {
        cursor: after("x"),
        last: Some(last.try_into().unwrap()),
        dates: Dates::Until("2026-01-02T03:04:05Z".parse().unwrap()),
        known: 7,
        gone: 3,
        ..Survey::new(Occasion::Gap)
    }
}

#[test]
fn a_refused_cursor_is_gone_around_by_date_and_what_was_counted_stays_g69() {
    let around = stopped_at(9).around_cursor().unwrap();
    let detour = around.detour.unwrap();
    assert_eq!(detour.since.unwrap().to_string(), "2026-01-02T03:03:05Z");
    assert_eq!(around, Survey { cursor: None, detour: Some(detour), ..stopped_at(9) });
}

#[test]
fn cursors_refused_again_at_once_leave_the_numbers_of_pages_and_then_no_way_g69() {
    let once = stopped_at(9).around_cursor().unwrap();
    let again = Survey { cursor: after("y"), ..once.clone() }.around_cursor().unwrap();
    assert_eq!((again.cursor.clone(), again.detour), (Some(Cursor::by_number(2)), once.detour));
    assert_eq!(again.around_cursor(), None);
    let later = Survey { last: Some(CustomerId::LAST), ..stopped_at(9) };
    let later = Survey { detour: once.detour, ..later }.around_cursor().unwrap();
    assert_eq!((later.cursor, later.detour.unwrap().after), (None, Some(CustomerId::LAST)));
}

#[test]
fn dates_that_do_not_rise_as_identifiers_do_are_no_way_g69() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let rising = Dates::None.and(at(1_000)).and(at(1_500)).and(at(1_450));
    assert_eq!((rising, rising.since()), (Dates::Until(at(1_500)), Some(at(1_440))));
    assert_eq!(rising.and(at(1_000)).and(at(2_000)).since(), None);
    let mixed = Survey { dates: Dates::Mixed, ..stopped_at(9) }.around_cursor().unwrap();
    assert_eq!((mixed.cursor, mixed.detour.unwrap().since), (None, None));
}

#[test]
fn what_no_cursor_asked_for_is_refused_for_good() {
    assert_eq!(Survey::new(Occasion::First).around_cursor(), None);
}
