// What a function's code finds in place of an engine for development: a module without anything in it.
module.exports = {};
