"""What the views show: windows onto pages and documents, never the data itself."""
