// The answer travels by itself; without JavaScript the button does it.
document.getElementById("carry").submit();
