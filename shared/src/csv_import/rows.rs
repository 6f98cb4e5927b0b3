//! The rows of a file (RFC 4180), from as much of it as is there.

use csv::{ByteRecord, ReaderBuilder};

use super::{MOST_COLUMNS, PART, Reading};

/// The byte order mark that spreadsheets write before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The longest heading of a column, in characters.
const LONGEST_HEADING: usize = 200;

/// The file cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAFile {
    /// Not the one encoding that is understood.
    #[error("The file is not UTF-8 text. Save it as “CSV UTF-8” and send it again.")]
    Encoding,
    /// No heading, or one that does not end.
    #[error("The first row is no heading: it must name the columns, and end within 256 KiB.")]
    Heading,
    /// One column.
    #[error("The heading names one column only. Its columns are to be parted by commas, semicolons or tabs.")]
    OneColumn,
    /// Too many columns.
    #[error("The heading names more than {MOST_COLUMNS} columns. Leave out those that are not needed.")]
    TooWide,
    /// A heading without rows.
    #[error("The file has a heading and no rows.")]
    Empty,
}

/// A row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The cells; `Err`: why it has none, in a sentence.
    pub(super) cells: Result<Vec<String>, String>,
    /// How many bytes it and what stood before it take, from where was read.
    pub(super) end: usize,
}

/// The heading of a file that begins with `bytes`: what parts its cells, and its columns' names.
///
/// # Errors
/// When the file is none.
pub fn heading(bytes: &[u8], is_whole: bool) -> Result<(char, Vec<String>), NotAFile> {
    let text = match std::str::from_utf8(bytes) {
        Ok(_) => bytes,
        // A character may go over the edge.
        Err(error) if !is_whole && error.error_len().is_none() => &bytes[..error.valid_up_to()],
        Err(_) => return Err(NotAFile::Encoding),
    };
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
    let delimiter = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    let rows = Reader { delimiter, columns: 0, is_end: is_whole }.rows(text, 2);
    let first = rows.first().ok_or(NotAFile::Heading)?;
    let names = first.cells.clone().map_err(|_| NotAFile::Heading)?;
    let names: Vec<String> =
        names.iter().map(|name| name.trim().chars().take(LONGEST_HEADING).collect()).collect();
    match names.len() {
        _ if names.iter().all(String::is_empty) => Err(NotAFile::Heading),
        1 if count(&delimiter) == 0 && !names[0].contains('@') && rows.len() > 1 => Ok((',', names)),
        1 => Err(NotAFile::OneColumn),
        2..=MOST_COLUMNS if is_whole && rows.len() < 2 => Err(NotAFile::Empty),
        2..=MOST_COLUMNS => Ok((char::from(delimiter), names)),
        _ => Err(NotAFile::TooWide),
    }
}

/// The first rows under the heading of a file that begins with `bytes`; those that cannot be read are left
/// out.
pub fn preview(bytes: &[u8], is_whole: bool, reading: &Reading, most: usize) -> Vec<Vec<String>> {
    let rows = Reader::of(reading, is_whole).rows(bytes, most.saturating_add(1));
    rows.into_iter().skip(1).filter_map(|row| row.cells.ok()).collect()
}

/// How rows are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub(super) delimiter: u8,
    /// How many cells a row has; 0: that is not known yet.
    pub(super) columns: usize,
    /// Whether what is read from goes on to the end of the file.
    pub(super) is_end: bool,
}

impl Reader {
    pub(super) fn of(reading: &Reading, is_end: bool) -> Reader {
        let delimiter = u8::try_from(reading.delimiter).unwrap_or(b',');
        Reader { delimiter, columns: reading.columns.len(), is_end }
    }

    /// Up to `most` rows that end within `bytes`. One that never ends is told as such as soon as there is
    /// a part's worth of it, and so that the lines after it are read.
    pub(super) fn rows(self, bytes: &[u8], most: usize) -> Vec<Row> {
        let mut found = Vec::new();
        let mut begins = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
        let mut record = ByteRecord::new();
        while found.len() < most && begins < bytes.len() {
            // One reader for rows that are well formed; a new one after each that is not.
            let (from, mut reader) = (begins, self.reader(&bytes[begins..]));
            loop {
                let there = reader.read_byte_record(&mut record).unwrap_or(false);
                let end = usize::try_from(reader.position().byte()).map_or(usize::MAX, |end| from + end);
                match self.row(&record, &bytes[begins..], end - begins).filter(|_| there) {
                    None => return found,
                    Some(row) => {
                        let (is_bad, end) = (row.end != end - begins, begins + row.end);
                        begins = end;
                        found.push(Row { end, ..row });
                        if is_bad || found.len() >= most {
                            break;
                        }
                    }
                }
            }
        }
        found
    }

    fn reader(self, bytes: &[u8]) -> csv::Reader<&[u8]> {
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(self.delimiter).from_reader(bytes)
    }

    /// The row of `record`, which ends after `end` of the bytes; `None`: it may go on behind them.
    fn row(self, record: &ByteRecord, bytes: &[u8], end: usize) -> Option<Row> {
        let ends = self.is_end || end < bytes.len();
        let text = &bytes[..end.min(bytes.len())];
        let line = first_line(text);
        // A quotation mark without its second takes the rows after it for one cell.
        let is_odd = || text.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        let differs = self.columns > 0 && record.len() != self.columns;
        let spans = ends && line < text.len() && (differs || is_odd());
        if spans || (!ends && bytes.len() > PART) || (ends && end > PART) {
            let told = "The row does not end in its line, or has other cells than the heading: a quotation \
                        mark is missing, or one stands alone.";
            return Some(Row { cells: Err(told.to_owned()), end: line });
        }
        ends.then(|| Row { cells: self.cells(record), end })
    }

    fn cells(self, record: &ByteRecord) -> Result<Vec<String>, String> {
        let text = |cell: &[u8]| std::str::from_utf8(cell).map(|text| text.trim().to_owned());
        let cells: Result<Vec<String>, _> = record.iter().map(text).collect();
        let mut cells = cells
            .map_err(|_| "The row holds what is not UTF-8 text. Save the file as “CSV UTF-8”.".to_owned())?;
        if self.columns == 0 {
            return Ok(cells);
        }
        while cells.len() > self.columns && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        match cells.len() == self.columns {
            true => Ok(cells),
            false => Err(format!("The row has {} cells, the heading {}.", cells.len(), self.columns)),
        }
    }
}

/// How many bytes the first line that says something takes, with its end.
fn first_line(bytes: &[u8]) -> usize {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let line = bytes[blank..].iter().position(|byte| *byte == b'\n');
    line.map_or(bytes.len(), |line| blank + line + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reader(columns: usize) -> Reader {
        Reader { delimiter: b',', columns, is_end: true }
    }

    fn cells(text: &str, columns: usize) -> Vec<Result<Vec<String>, String>> {
        reader(columns).rows(text.as_bytes(), 100).into_iter().map(|row| row.cells).collect()
    }

    fn row(cells: &[&str]) -> Result<Vec<String>, String> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn quotes_line_ends_and_blank_lines_are_read_as_spreadsheets_write_them() {
        let text = "\u{feff}a,b\r\n\"x, \"\"y\"\"\",\"one\r\ntwo\"\r\n\r\n 3 ,\n";
        let expected = [row(&["a", "b"]), row(&["x, \"y\"", "one\r\ntwo"]), row(&["3", ""])];
        assert_eq!(cells(text, 2), expected);
    }

    #[test]
    fn a_quotation_mark_that_stands_alone_costs_its_own_row() {
        let rows = cells("a,b\n1,\"x\n2,y\n3,z\n", 2);
        assert_eq!((rows.len(), &rows[2..]), (4, &[row(&["2", "y"]), row(&["3", "z"])][..]));
        assert!(rows[1].is_err());
        let rows = cells("1,x\n2,\"y\n3,\"z\"\n4,z\n", 2);
        assert_eq!((rows.len(), rows[1].is_err(), &rows[3]), (4, true, &row(&["4", "z"])));
    }

    #[test]
    fn a_row_of_another_length_says_so_and_trailing_commas_do_not_count() {
        let rows = cells("1\n1,2,3\n1,2,,,\n", 2);
        assert_eq!(rows[0], Err("The row has 1 cells, the heading 2.".to_owned()));
        assert!(rows[1].is_err());
        assert_eq!(rows[2], row(&["1", "2"]));
    }

    #[test]
    fn what_is_not_text_is_told_in_its_row() {
        let rows = reader(2).rows(b"a,b\nM\xfcller,x\nc,d\n", 9);
        assert!(rows[1].cells.as_ref().unwrap_err().contains("UTF-8"));
        assert_eq!(rows[2].cells, row(&["c", "d"]));
    }

    #[test]
    fn a_row_that_never_ends_is_told_once_there_is_enough_of_it() {
        let text = format!("1,\"{}", "x".repeat(PART));
        let open = Reader { is_end: false, ..reader(2) };
        let rows = open.rows(format!("{text}\n2,3\n4,").as_bytes(), 9);
        assert!(rows[0].cells.is_err());
        assert_eq!((rows.len(), &rows[1].cells), (2, &row(&["2", "3"])));
        assert!(open.rows(b"1,\"x", 9).is_empty(), "more of it may come");
    }

    #[test]
    fn the_heading_says_what_parts_the_cells() {
        let read = |text: &str| heading(text.as_bytes(), true);
        assert_eq!(read("a;b,c;d\n1;2;3\n").unwrap(), (';', vec!["a".into(), "b,c".into(), "d".into()]));
        assert_eq!(read("a\tb\n1\t2").unwrap().0, '\t');
        assert_eq!(read("email\nada@x.example\n").unwrap().1, ["email"]);
        assert_eq!(read("a,b\n"), Err(NotAFile::Empty));
        assert_eq!(read(""), Err(NotAFile::Heading));
        assert_eq!(read(",,\n1,2,3"), Err(NotAFile::Heading));
        assert_eq!(heading(b"\xff\xfea\0,\0", true), Err(NotAFile::Encoding));
        assert_eq!(read(&",x".repeat(300)), Err(NotAFile::TooWide));
    }

    proptest! {
        #[test]
        fn however_a_file_is_cut_its_rows_are_the_same(
            table in proptest::collection::vec(
                proptest::collection::vec("[a-z,\"\r\n ;é]{0,6}", 3), 1..12),
            cut in 1_usize..64,
        ) {
            let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let whole = Reader { delimiter: b',', columns: 3, is_end: true }.rows(&bytes, usize::MAX);
            let trimmed: Vec<Vec<String>> =
                table.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            let read: Vec<Vec<String>> = whole.into_iter().map(|row| row.cells.unwrap()).collect();
            prop_assert_eq!(&read, &trimmed);
            // With what is there growing by `cut` bytes at a time, as parts do.
            let (mut begins, mut there, mut pieces) = (0, 0, Vec::new());
            while there < bytes.len() {
                there = bytes.len().min(there + cut);
                let is_end = there == bytes.len();
                let rows = Reader { delimiter: b',', columns: 3, is_end }.rows(&bytes[begins..there], usize::MAX);
                begins += rows.last().map_or(0, |row| row.end);
                pieces.extend(rows.into_iter().map(|row| row.cells));
            }
            let pieces: Result<Vec<_>, _> = pieces.into_iter().collect();
            prop_assert_eq!(pieces.unwrap(), trimmed);
        }
    }
}
