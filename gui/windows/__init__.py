"""The main window and the dialogs that it opens."""
