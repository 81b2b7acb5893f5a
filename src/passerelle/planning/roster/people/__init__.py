"""From lines of crews to named officers: fair shares of nights, weekends and hours, wishes, leave."""
