//! Users from a file: chosen, sent in parts, read, checked, applied.

use std::{env, fs, path::PathBuf};

use shared::{clock::random_id, csv_import::PART};

use crate::console::{Console, at_each_width};

/// A file on disk for as long as a test wants it.
struct OnDisk(PathBuf);

impl OnDisk {
    fn new(text: &str) -> OnDisk {
        let path = env::temp_dir().join(format!("people-{}.csv", random_id()));
        fs::write(&path, text).unwrap();
        OnDisk(path)
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Sends a file, which the browser reads as it goes.
async fn choose(console: &Console, file: &OnDisk) {
    console.open_at("/admin/csv").await;
    console.browser.element("#file").await.send_keys(file.0.to_str().unwrap()).await.unwrap();
    console.browser.press_named("Send").await;
}

#[tokio::test]
async fn a_file_of_people_is_sent_read_checked_and_applied() {
    at_each_width(2, async |console: &Console| {
        let browser = &console.browser;
        console.go("imports").await;
        browser.press("main .head a[href='/admin/csv']").await;
        browser.says("None yet").await;
        console.look("files").await;
        let people = "Email,First name,Surname,Department,Shoe size\n\
            ada@x.example,Ada,King,Engines,38\n\
            alan@x.example,Alan,Turing,Bletchley,43\n\
            ,No,Body,,\n\
            Ada@x.example,Ada,Lovelace,Poetry,38\n";
        let file = OnDisk::new(people);
        choose(console, &file).await;
        browser.says("This looks like a plain file").await;
        browser.says("Bletchley").await;
        console.look("file-columns").await;
        browser.choose("tr:nth-child(5) select", "title").await;
        browser.press_named("Check the rows").await;
        browser.says("2 users are created if you apply it").await;
        console.look("file-checked").await;
        browser.press("a[href$='rows?verdict=invalid']").await;
        browser.says("names nobody").await;
        console.look("file-rows").await;
        browser.press(".crumbs a:nth-of-type(2)").await;
        browser.press_named("Apply it").await;
        browser.says("The rows were applied").await;
        browser.says("What the rows came to").await;
        console.look("file-applied").await;
        console.settle().await;
        assert_eq!(console.stack.tables().count_users().await.unwrap(), 4);
        console.open_at("/admin/csv").await;
        browser.element("tbody .badge.good").await;
        console.look("files-sent").await;
    })
    .await;
}

#[tokio::test]
async fn a_long_file_is_sent_in_parts_and_one_that_is_none_says_what_to_do() {
    at_each_width(0, async |console: &Console| {
        let browser = &console.browser;
        let file = OnDisk::new("a,b\n");
        choose(console, &file).await;
        browser.says("a heading and no rows").await;
        console.look("file-refused").await;
        let mut people = "userName,displayName\n".to_owned();
        for row in 0.. {
            people += &format!("user-{row},{}\n", "é".repeat(1_000));
            if people.len() > PART + PART / 2 {
                break;
            }
        }
        let file = OnDisk::new(&people);
        choose(console, &file).await;
        browser.says("This looks like a plain file").await;
        browser.press_named("Check the rows").await;
        browser.says(&format!("{} users are created", people.lines().count() - 1)).await;
    })
    .await;
}
