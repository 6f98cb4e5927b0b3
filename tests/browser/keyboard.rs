//! The console by keyboard alone.

use fantoccini::key::Key;
use serde_json::json;

use crate::console::{Console, at_each_width};

/// What has the focus, and whether a person sees that it has.
const FOCUS: &str = "
    const here = document.activeElement;
    const box = here.getBoundingClientRect();
    const style = getComputedStyle(here);
    return {
      what: here.outerHTML.slice(0, 120),
      isBody: here === document.body,
      isSeen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
        && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    };";

/// How many stops are looked at: more than the navigation has, and the filters.
const STOPS: usize = 30;

#[tokio::test]
async fn the_focus_is_seen_wherever_a_keyboard_takes_it() {
    at_each_width(5, async |console: &Console| {
        console.go("users").await;
        console.open_at("/admin/users").await;
        for _ in 0..STOPS {
            press(console, Key::Tab).await;
            let focus = console.browser.ask(FOCUS).await;
            assert!(focus["isBody"] == true || focus["isSeen"] == true, "{focus}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_first_stop_leads_past_the_navigation() {
    at_each_width(0, async |console: &Console| {
        console.open_at("/admin/reports").await;
        press(console, Key::Tab).await;
        let skip = console.browser.ask("return document.activeElement.className").await;
        assert_eq!(skip, json!("skip"));
        press(console, Key::Enter).await;
        press(console, Key::Tab).await;
        let inside = console.browser.ask("return document.activeElement.closest('main') !== null").await;
        assert_eq!(inside, json!(true));
    })
    .await;
}

async fn press(console: &Console, key: Key) {
    let here = console.browser.active_element().await.unwrap();
    here.send_keys(&String::from(char::from(key))).await.unwrap();
}
