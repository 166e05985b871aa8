// Runs before the page is painted: says that script works, so that styles can show what only script can do.
document.documentElement.classList.add("js-enabled");
