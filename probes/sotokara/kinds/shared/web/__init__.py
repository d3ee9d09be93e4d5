"""What kinds that visit web pages share: messages as kept, masking, what a page is."""
