"""What was answered: live page, single answers, exports."""
