FORM = "split"
