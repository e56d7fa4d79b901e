//! Reports as people and machines read them: in the terminal, as a page, as JUnit.

mod command;
mod html;
mod junit;
mod sample;
mod table;
